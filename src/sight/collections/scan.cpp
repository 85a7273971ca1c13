#include "sight/collections/scan.h"

#include <vector>

namespace sightline::collections {

ScanQuery make_scan_query(const CodedVector& vector) {
  ScanQuery query;
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < kDimensions; ++i) {
    query.codes[i] = upper_code(vector.codes[i]);
    sum += query.codes[i];
  }
  query.bias = 128 * sum;
  // |a - b|^2 = |a|^2 + |b|^2 - 2ab; an upper code stands for 256 steps, on both sides.
  query.factor = -2.0F * 65536.0F * vector.scale;
  return query;
}

std::size_t scan_portable(const ScanQuery& query, const ScanRows& rows, float limit, std::uint32_t* hits) {
  std::size_t found = 0;
  for (std::size_t row = 0; row < rows.count; ++row) {
    const std::uint8_t* const codes = rows.codes + row * kDimensions;
    std::int32_t product = 0;
    for (std::size_t i = 0; i < kDimensions; ++i) product += codes[i] * query.codes[i];
    hits[found] = static_cast<std::uint32_t>(row);
    found += scan_distance(query, product, rows.scales[row], rows.norms[row]) <= limit ? 1 : 0;
  }
  return found;
}

namespace {

std::vector<ScanKernel> find_kernels() {
  std::vector<ScanKernel> kernels;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni"))
    kernels.push_back({"avx512vnni", scan_avx512});
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) kernels.push_back({"avx2", scan_avx2});
#endif
  kernels.push_back({"portable", scan_portable});
  return kernels;
}

}  // namespace

std::span<const ScanKernel> scan_kernels() {
  static const std::vector<ScanKernel> kKernels = find_kernels();
  return kKernels;
}

}  // namespace sightline::collections
