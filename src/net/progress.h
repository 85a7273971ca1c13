#pragma once
// Whether a client keeps up: bytes that must move in a span of time.

#include <chrono>
#include <cstdint>

namespace sightline::net {

using Ticks = std::chrono::steady_clock;

/// Not thread-safe.
class Progress {
 public:
  enum class Verdict { waiting, good, too_slow };

  /// A span begins at `now`, with `moved` bytes moved so far.
  void restart(Ticks::time_point now, std::uint64_t moved) {
    since_ = now;
    mark_ = moved;
  }
  [[nodiscard]] Ticks::duration waited(Ticks::time_point now) const { return now - since_; }
  /// At the end of a span: have at least `floor` bytes moved? The next span begins where they have.
  [[nodiscard]] Verdict check(Ticks::time_point now, std::uint64_t moved, Ticks::duration span,
                              std::uint64_t floor) {
    if (waited(now) <= span) return Verdict::waiting;
    if (moved - mark_ < floor) return Verdict::too_slow;
    restart(now, moved);
    return Verdict::good;
  }

 private:
  Ticks::time_point since_;
  std::uint64_t mark_ = 0;
};

}  // namespace sightline::net
