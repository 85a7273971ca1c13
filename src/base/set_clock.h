#pragma once
// A clock that tests set: time passes when they say so.

#include <atomic>
#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace sightline {

/// Thread-safe.
class SetClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return Instant(std::chrono::milliseconds(milliseconds_)); }
  void advance(std::chrono::milliseconds by) { milliseconds_ += by.count(); }

 private:
  std::atomic<std::int64_t> milliseconds_ = 1'700'000'000'000;
};

}  // namespace sightline
