#pragma once
// The innermost loop of a search: which of many 8-bit vectors lie within a distance of one.
//
// Three forms that give the same answer, chosen by what the processor can do. Distances here are squared,
// approximate (8 bits on both sides), and without the query's own norm, which is the same for all.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "sight/collections/coded_vector.h"

namespace sightline::collections {

/// Vectors come in groups of this many; what fills the last group has the norm infinity.
inline constexpr std::size_t kScanGroup = 16;

struct ScanQuery {
  alignas(64) std::array<std::int8_t, kDimensions> codes{};
  std::int32_t bias = 0;  ///< what the offset of the rows' codes adds to each product
  float factor = 0;       ///< of a product and its row's scale
};
[[nodiscard]] ScanQuery make_scan_query(const CodedVector& vector);

/// Borrowed.
struct ScanRows {
  const std::uint8_t* codes = nullptr;  ///< upper codes + 128, row by row; aligned to 64 bytes
  const float* scales = nullptr;        ///< of the 16-bit codes
  const float* norms = nullptr;         ///< squared
  std::size_t count = 0;                ///< a multiple of kScanGroup
};

/// The distance that every form finds for a row.
[[nodiscard]] inline float scan_distance(const ScanQuery& query, std::int32_t product, float scale,
                                         float norm) {
  return norm + query.factor * scale * static_cast<float>(product - query.bias);
}

/// Writes the indices of the rows with a distance of at most `limit` to `hits`, which has room for all rows;
/// returns their number.
using ScanFunction = std::size_t (*)(const ScanQuery& query, const ScanRows& rows, float limit,
                                     std::uint32_t* hits);

struct ScanKernel {
  std::string_view name;
  ScanFunction scan;
};

/// What this processor can run, the fastest first; the last is portable.
[[nodiscard]] std::span<const ScanKernel> scan_kernels();

[[nodiscard]] std::size_t scan_portable(const ScanQuery& query, const ScanRows& rows, float limit,
                                        std::uint32_t* hits);
#if defined(__x86_64__)
[[nodiscard]] std::size_t scan_avx2(const ScanQuery& query, const ScanRows& rows, float limit,
                                    std::uint32_t* hits);
[[nodiscard]] std::size_t scan_avx512(const ScanQuery& query, const ScanRows& rows, float limit,
                                      std::uint32_t* hits);
#endif

}  // namespace sightline::collections
