#include "sight/collections/coded_vector.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace sightline::collections {
namespace {

constexpr int kMaxCode = 127 * 256 + 127;

static_assert(std::endian::native == std::endian::little, "vectors are stored as they lie in memory");

}  // namespace

Result<CodedVector> encode_vector(std::span<const float> values) {
  if (values.size() != kDimensions)
    return fail(ErrorKind::invalid_argument,
                fmt::format("a face's vector has {} numbers here, not {}", kDimensions, values.size()));
  float largest = 0;
  for (const float value : values) {
    if (!std::isfinite(value))
      return fail(ErrorKind::invalid_argument, "a face's vector holds a number that is not finite");
    largest = std::max(largest, std::abs(value));
  }
  CodedVector vector;
  // A vector of zeros has any scale.
  vector.scale = std::max(largest, 1e-20F) / static_cast<float>(kMaxCode);
  for (std::size_t i = 0; i < kDimensions; ++i) {
    const float code = std::clamp(std::round(values[i] / vector.scale), static_cast<float>(-kMaxCode),
                                  static_cast<float>(kMaxCode));
    vector.codes[i] = static_cast<std::int16_t>(code);
  }
  return vector;
}

double squared_length(const CodedVector& vector) {
  std::int64_t sum = 0;
  for (const std::int16_t code : vector.codes) sum += std::int64_t{code} * code;
  return static_cast<double>(sum) * vector.scale * vector.scale;
}

std::array<std::uint8_t, kStoredBytes> store_vector(const CodedVector& vector) {
  std::array<std::uint8_t, kStoredBytes> bytes{};
  std::memcpy(bytes.data(), &vector.scale, 4);
  std::memcpy(bytes.data() + 4, vector.codes.data(), 2 * kDimensions);
  return bytes;
}

Error damaged_vector() {
  return {
      ErrorKind::corrupt,
      "a stored face's vector is damaged; stop the server and restore the database of the collections from "
      "a backup"};
}

Result<CodedVector> load_vector(std::span<const std::uint8_t> bytes) {
  CodedVector vector;
  if (bytes.size() != kStoredBytes)
    return fail(
        ErrorKind::corrupt,
        "a stored face's vector has the wrong length; stop the server and restore the database of the "
        "collections from a backup");
  std::memcpy(&vector.scale, bytes.data(), 4);
  std::memcpy(vector.codes.data(), bytes.data() + 4, 2 * kDimensions);
  // The largest number has the largest code, but in a vector of zeros.
  int largest = 0;
  for (const std::int16_t code : vector.codes) largest = std::max(largest, std::abs(int{code}));
  if (!std::isfinite(vector.scale) || vector.scale <= 0 || (largest != kMaxCode && largest != 0))
    return std::unexpected(damaged_vector());
  return vector;
}

}  // namespace sightline::collections
