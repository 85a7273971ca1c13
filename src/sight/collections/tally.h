#pragma once
// Whether two tables say the same, in one pass over each.

#include <cstdint>
#include <cstring>

#include "sight/collections/uuid.h"

namespace sightline::collections {

/// Of which face of which collection has which slot, in any order: of the faces' table and of the slots
/// themselves it is the same, or one of them is damaged.
class Tally {
 public:
  void add(std::int64_t number, const Uuid& face, std::int64_t slot) {
    std::uint64_t halves[2];
    std::memcpy(halves, face.bytes.data(), sizeof(halves));
    sum_ += mixed(mixed(mixed(static_cast<std::uint64_t>(number)) + halves[0]) + halves[1] +
                  static_cast<std::uint64_t>(slot));
  }
  bool operator==(const Tally&) const = default;

 private:
  /// The finaliser of SplitMix64.
  static std::uint64_t mixed(std::uint64_t x) {
    x += 0x9E3779B97F4A7C15U;
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
    return x ^ (x >> 31U);
  }
  std::uint64_t sum_ = 0;
};

}  // namespace sightline::collections
