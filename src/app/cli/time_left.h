#pragma once
// How fast work goes on and how long it still takes, from how much of it was done when.

#include <cstdint>
#include <deque>
#include <optional>

namespace sightline::cli {

/// Measures the pace over the last quarter of a minute. Work begins unevenly (models are compiled, a tracker
/// fills its window), so there is no figure before five seconds and two dozen units of progress whose halves
/// agree, and what is shown then changes smoothly. A pace that stays uneven counts after a minute. Not
/// thread-safe.
class TimeLeft {
 public:
  /// `done` units were done `seconds` after the start. Seconds never decrease; `done` that decreases starts a
  /// new measurement (a second pass over the same input). Cheap: for every unit.
  void note(double seconds, std::int64_t done);
  /// Units a second; nothing until it can be trusted.
  [[nodiscard]] std::optional<double> rate() const;
  /// Seconds from the last note on until `total` units are done; nothing until it can be trusted, or when
  /// `total` is 0 (unknown) or exceeded.
  [[nodiscard]] std::optional<double> left(std::int64_t total) const;

 private:
  struct Sample {
    double seconds = 0;
    std::int64_t done = 0;
  };
  [[nodiscard]] static double pace(const Sample& from, const Sample& to);
  [[nodiscard]] bool steady() const;

  std::deque<Sample> samples_;  ///< four a second, the oldest a quarter of a minute old
  Sample last_;
  double begin_ = 0;  ///< the first note's time
  std::optional<double> rate_;
};

}  // namespace sightline::cli
