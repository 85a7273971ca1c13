#pragma once
// The regular expressions of the models, which are Java's. Wraps PCRE2.

#include <memory>
#include <string_view>
#include <unordered_map>

#include "aws/wire/model.h"
#include "base/result.h"

namespace sightline::aws::wire {

/// Compiled patterns by shape. matches() is safe for every thread once add() is done.
class PatternSet {
 public:
  PatternSet();
  PatternSet(PatternSet&&) noexcept;
  PatternSet& operator=(PatternSet&&) noexcept;
  ~PatternSet();

  Result<void> add(const Shape& shape);
  /// Whether the whole of `text` matches. A text on which the pattern takes too long does not; a shape that
  /// was not added matches everything.
  [[nodiscard]] bool matches(const Shape& shape, std::string_view text) const;

 private:
  struct Compiled;
  std::unordered_map<const Shape*, Compiled> compiled_;
};

}  // namespace sightline::aws::wire
