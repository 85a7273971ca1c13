#if defined(__x86_64__)

// GCC 12 takes the undefined operands in its own header for a mistake.
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif

#include <immintrin.h>

#include "sight/collections/scan.h"

#define SIGHTLINE_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))

namespace sightline::collections {
namespace {

/// Sums of four rows: lane by lane, in the order of the rows.
SIGHTLINE_AVX512 inline __m512i sum_within_lanes(__m512i a, __m512i b, __m512i c, __m512i d) {
  const __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
  const __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
  return _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
}

SIGHTLINE_AVX512 inline __m512i sum_of_halves(__m512i a, __m512i b) {
  return _mm512_add_epi32(_mm512_shuffle_i32x4(a, b, 0x44), _mm512_shuffle_i32x4(a, b, 0xEE));
}

/// The products of sixteen rows.
SIGHTLINE_AVX512 inline __m512i products_of(__m512i low, __m512i high, const std::uint8_t* rows) {
  __m512i fours[4];
  for (std::size_t four = 0; four < 4; ++four) {
    __m512i sums[4];
    for (std::size_t i = 0; i < 4; ++i) {
      const std::uint8_t* const row = rows + (4 * four + i) * kDimensions;
      const __m512i first = _mm512_dpbusd_epi32(_mm512_setzero_si512(), _mm512_load_si512(row), low);
      sums[i] = _mm512_dpbusd_epi32(first, _mm512_load_si512(row + 64), high);
    }
    fours[four] = sum_within_lanes(sums[0], sums[1], sums[2], sums[3]);
  }
  const __m512i a = sum_of_halves(fours[0], fours[1]);
  const __m512i b = sum_of_halves(fours[2], fours[3]);
  return _mm512_add_epi32(_mm512_shuffle_i32x4(a, b, 0x88), _mm512_shuffle_i32x4(a, b, 0xDD));
}

}  // namespace

SIGHTLINE_AVX512 std::size_t scan_avx512(const ScanQuery& query, const ScanRows& rows, float limit,
                                         std::uint32_t* hits) {
  const __m512i low = _mm512_load_si512(query.codes.data());
  const __m512i high = _mm512_load_si512(query.codes.data() + 64);
  const __m512i bias = _mm512_set1_epi32(query.bias);
  const __m512 factor = _mm512_set1_ps(query.factor);
  const __m512 limits = _mm512_set1_ps(limit);
  std::size_t found = 0;
  for (std::size_t row = 0; row < rows.count; row += kScanGroup) {
    const __m512i products = products_of(low, high, rows.codes + row * kDimensions);
    const __m512 scales = _mm512_mul_ps(factor, _mm512_loadu_ps(rows.scales + row));
    const __m512 parts = _mm512_cvtepi32_ps(_mm512_sub_epi32(products, bias));
    const __m512 distances = _mm512_add_ps(_mm512_loadu_ps(rows.norms + row), _mm512_mul_ps(scales, parts));
    unsigned mask = _mm512_cmp_ps_mask(distances, limits, _CMP_LE_OQ);
    for (; mask != 0; mask &= mask - 1)
      hits[found++] = static_cast<std::uint32_t>(row) + static_cast<std::uint32_t>(__builtin_ctz(mask));
  }
  return found;
}

}  // namespace sightline::collections

#endif
