#pragma once
// Progress on standard error: a bar on a terminal, now and then a line otherwise.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "app/cli/time_left.h"
#include "base/utf8.h"

namespace sightline::cli {

enum class ProgressStyle { bar, lines, quiet };
/// bar on a terminal, lines elsewhere.
[[nodiscard]] ProgressStyle default_progress_style();

/// Progress of one input. Not thread-safe. Cheap to call for every frame: draws ten times a second at most,
/// writes a line every ten seconds at most.
class ProgressMeter {
 public:
  /// `unit` is the singular of what is counted; empty when the figures mean nothing to a person (then only
  /// the share is shown).
  ProgressMeter(ProgressStyle style, std::string_view name, std::string unit = "frame")
      : style_(style), name_(printable(name)), unit_(std::move(unit)) {}
  ~ProgressMeter() { clear(); }
  ProgressMeter(const ProgressMeter&) = delete;
  ProgressMeter& operator=(const ProgressMeter&) = delete;

  /// `total` 0: unknown.
  void update(std::int64_t done, std::int64_t total);
  void stage(const std::string& text);
  /// Removes the bar from the terminal.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  void draw(const std::string& text);
  [[nodiscard]] std::string figures_of(std::int64_t done, std::int64_t total) const;
  ProgressStyle style_;
  std::string name_;
  std::string unit_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_ = start_;
  TimeLeft pace_;
  bool drawn_ = false;
};

}  // namespace sightline::cli
