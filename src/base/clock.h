#pragma once
// The time of day as a dependency, so that tests may set it.

#include <chrono>

namespace sightline {

/// Milliseconds since 1970 in UTC: the unit in which times are stored and logged.
using Instant = std::chrono::sys_time<std::chrono::milliseconds>;

/// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Instant now() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }
};

}  // namespace sightline
