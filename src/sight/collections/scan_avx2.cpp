#if defined(__x86_64__)

#include <immintrin.h>

#include "sight/collections/scan.h"

#define SIGHTLINE_AVX2 __attribute__((target("avx2,fma")))

namespace sightline::collections {
namespace {

constexpr std::size_t kStep = 8;                   // rows whose products are summed together
constexpr std::size_t kPieces = kDimensions / 16;  // of a row, widened to 16 bits

struct WideQuery {
  __m256i pieces[kPieces];
};

SIGHTLINE_AVX2 inline __m256i product_of(const WideQuery& query, const std::uint8_t* row) {
  __m256i sum = _mm256_setzero_si256();
  for (std::size_t piece = 0; piece < kPieces; ++piece) {
    const auto bytes = _mm_load_si128(reinterpret_cast<const __m128i*>(row + 16 * piece));
    // Products of pairs fit into 32 bits; the instruction for bytes would saturate at 16.
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_cvtepu8_epi16(bytes), query.pieces[piece]));
  }
  return sum;
}

/// The products of eight rows.
SIGHTLINE_AVX2 inline __m256i products_of(const WideQuery& query, const std::uint8_t* rows) {
  __m256i pairs[kStep / 2];
  for (std::size_t pair = 0; pair < kStep / 2; ++pair)
    pairs[pair] = _mm256_hadd_epi32(product_of(query, rows + 2 * pair * kDimensions),
                                    product_of(query, rows + (2 * pair + 1) * kDimensions));
  const __m256i first = _mm256_hadd_epi32(pairs[0], pairs[1]);
  const __m256i second = _mm256_hadd_epi32(pairs[2], pairs[3]);
  // Each holds the sums of four rows over the lower and over the upper half.
  return _mm256_add_epi32(_mm256_permute2x128_si256(first, second, 0x20),
                          _mm256_permute2x128_si256(first, second, 0x31));
}

}  // namespace

SIGHTLINE_AVX2 std::size_t scan_avx2(const ScanQuery& query, const ScanRows& rows, float limit,
                                     std::uint32_t* hits) {
  WideQuery wide;
  for (std::size_t piece = 0; piece < kPieces; ++piece)
    wide.pieces[piece] = _mm256_cvtepi8_epi16(
        _mm_load_si128(reinterpret_cast<const __m128i*>(query.codes.data() + 16 * piece)));
  const __m256i bias = _mm256_set1_epi32(query.bias);
  const __m256 factor = _mm256_set1_ps(query.factor);
  const __m256 limits = _mm256_set1_ps(limit);
  std::size_t found = 0;
  for (std::size_t row = 0; row < rows.count; row += kStep) {
    const __m256i products = products_of(wide, rows.codes + row * kDimensions);
    const __m256 scales = _mm256_mul_ps(factor, _mm256_loadu_ps(rows.scales + row));
    const __m256 parts = _mm256_cvtepi32_ps(_mm256_sub_epi32(products, bias));
    const __m256 distances = _mm256_add_ps(_mm256_loadu_ps(rows.norms + row), _mm256_mul_ps(scales, parts));
    auto mask = static_cast<unsigned>(_mm256_movemask_ps(_mm256_cmp_ps(distances, limits, _CMP_LE_OQ)));
    for (; mask != 0; mask &= mask - 1)
      hits[found++] = static_cast<std::uint32_t>(row) + static_cast<std::uint32_t>(__builtin_ctz(mask));
  }
  return found;
}

}  // namespace sightline::collections

#endif
