#pragma once
// Chance as a dependency, so that tests may repeat it.

#include <cstdint>
#include <span>
#include <string>

namespace sightline {

/// Thread-safe. Unpredictable enough for keys and session tokens.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::uint8_t> bytes) = 0;
};

/// The kernel's generator.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override;
};

/// A version 4 UUID (RFC 9562), 36 characters.
[[nodiscard]] std::string make_uuid(Random& random);

}  // namespace sightline
