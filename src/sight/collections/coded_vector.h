#pragma once
// A face's vector as it is kept: 128 whole numbers of 16 bits and what one of them stands for.
//
// The error of a distance is about 10^-5, less than the recogniser's own from one processor to another, at
// half the size of floats. The upper byte is the 8-bit vector that a search looks at first.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/result.h"

namespace sightline::collections {

inline constexpr std::size_t kDimensions = 128;

struct CodedVector {
  float scale = 0;                                ///< what a step of 1 stands for
  std::array<std::int16_t, kDimensions> codes{};  ///< -32639..32639: both bytes fit when the upper is rounded
};

/// A number of 16 bits in two: code = 256 * upper + lower, with `upper` the nearest.
[[nodiscard]] constexpr std::int8_t upper_code(std::int16_t code) {
  return static_cast<std::int8_t>((code + 128) >> 8);
}
[[nodiscard]] constexpr std::int8_t lower_code(std::int16_t code) {
  return static_cast<std::int8_t>(code - 256 * upper_code(code));
}

[[nodiscard]] double squared_length(const CodedVector& vector);

/// Errors: invalid_argument (another length, or a number that is not finite).
[[nodiscard]] Result<CodedVector> encode_vector(std::span<const float> values);

/// The form in the database: the scale, then the codes, little-endian.
inline constexpr std::size_t kStoredBytes = 4 + 2 * kDimensions;
[[nodiscard]] std::array<std::uint8_t, kStoredBytes> store_vector(const CodedVector& vector);
[[nodiscard]] Error damaged_vector();
/// Errors: corrupt.
[[nodiscard]] Result<CodedVector> load_vector(std::span<const std::uint8_t> bytes);

}  // namespace sightline::collections
