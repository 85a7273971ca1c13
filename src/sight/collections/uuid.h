#pragma once
// The names of faces and pictures: 16 bytes, and as text 8-4-4-4-12 lower-case hexadecimal digits.

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"

namespace sightline::collections {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  static std::optional<Uuid> parse(std::string_view text);
  [[nodiscard]] std::string text() const;
  auto operator<=>(const Uuid&) const = default;
};

/// Makes ids that rise (RFC 9562, version 7): a collection's faces lie in the order in which they were added,
/// in the tables and in memory. An id therefore reveals, to the millisecond, when its face was added.
/// Thread-safe.
class RisingIds {
 public:
  RisingIds(const Clock& clock, Random& random) : clock_(clock), random_(random) {}
  /// Ids made from now on are above this one too: a clock may have been set back.
  void rise_above(const Uuid& id);
  [[nodiscard]] Uuid make();

 private:
  const Clock& clock_;
  Random& random_;
  std::mutex mutex_;
  std::uint64_t last_ = 0;  ///< the upper 60 bits: milliseconds, then a count within one
};

}  // namespace sightline::collections
