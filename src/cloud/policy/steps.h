#pragma once
// What one decision may cost. Texts and patterns are both outsiders', and matching may take their product.

#include <cstddef>
#include <utility>

namespace sightline::policy {

/// A step is one move of a pattern along a text, or the search of a few plain letters. A million take about
/// ten milliseconds; usual decisions take less than a thousand.
inline constexpr std::size_t kMostSteps = 100'000;
/// So many letters are compared or searched in the time of a step.
inline constexpr std::size_t kLettersPerStep = 8;

/// The steps that are left to one decision. Not thread-safe.
class Steps {
 public:
  explicit Steps(std::size_t left = kMostSteps) : left_(left) {}

  /// False when fewer are left; then none is.
  [[nodiscard]] bool take(std::size_t steps) {
    if (steps > left_) {
      left_ = 0;
      cut_ = true;
      return false;
    }
    left_ -= steps;
    return true;
  }
  [[nodiscard]] bool take_letters(std::size_t letters) { return take(1 + letters / kLettersPerStep); }
  /// Whether something has remained open for want of steps since the last call.
  [[nodiscard]] bool take_cut() { return std::exchange(cut_, false); }
  [[nodiscard]] std::size_t left() const { return left_; }

 private:
  std::size_t left_;
  bool cut_ = false;
};

}  // namespace sightline::policy
