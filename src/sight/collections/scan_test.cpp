#include "sight/collections/scan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>

namespace sightline::collections {
namespace {

struct AlignedRow {
  alignas(64) std::array<std::uint8_t, kDimensions> codes;
};

struct Rows {
  std::vector<AlignedRow> codes;
  std::vector<float> scales;
  std::vector<float> norms;

  ScanRows view() const { return {codes.front().codes.data(), scales.data(), norms.data(), codes.size()}; }
};

CodedVector random_vector(std::mt19937& generator) {
  std::normal_distribution<float> normal(0, 0.1F);
  std::array<float, kDimensions> values{};
  for (float& value : values) value = normal(generator);
  return *encode_vector(values);
}

Rows random_rows(std::mt19937& generator, std::size_t count) {
  Rows rows;
  for (std::size_t i = 0; i < count; ++i) {
    const CodedVector vector = random_vector(generator);
    AlignedRow row{};
    float norm = 0;
    for (std::size_t d = 0; d < kDimensions; ++d) {
      row.codes[d] = static_cast<std::uint8_t>(upper_code(vector.codes[d]) + 128);
      norm += vector.scale * vector.codes[d] * vector.scale * vector.codes[d];
    }
    rows.codes.push_back(row);
    rows.scales.push_back(vector.scale);
    rows.norms.push_back(norm);
  }
  return rows;
}

std::vector<std::uint32_t> run(const ScanKernel& kernel, const ScanQuery& query, const ScanRows& rows,
                               float limit) {
  std::vector<std::uint32_t> hits(rows.count);
  hits.resize(kernel.scan(query, rows, limit, hits.data()));
  return hits;
}

TEST(Scan, EveryKernelFindsWhatThePortableOneFinds) {
  std::mt19937 generator(7);
  const ScanKernel& portable = scan_kernels().back();
  ASSERT_EQ(portable.name, "portable");
  const Rows rows = random_rows(generator, 160);
  for (int i = 0; i < 20; ++i) {
    const ScanQuery query = make_scan_query(random_vector(generator));
    std::vector<float> distances;
    for (std::size_t row = 0; row < rows.codes.size(); ++row) {
      std::int32_t product = 0;
      for (std::size_t d = 0; d < kDimensions; ++d) product += rows.codes[row].codes[d] * query.codes[d];
      distances.push_back(scan_distance(query, product, rows.scales[row], rows.norms[row]));
    }
    std::ranges::sort(distances);
    for (const std::size_t count : {0U, 1U, 50U, 159U}) {
      // Between two distances: the last bit of a sum may differ.
      const float limit = (count == 0 ? distances.front() - 1 : distances[count - 1]) + 1e-5F;
      const auto expected = run(portable, query, rows.view(), limit);
      EXPECT_GE(expected.size(), count);
      for (const ScanKernel& kernel : scan_kernels())
        EXPECT_EQ(run(kernel, query, rows.view(), limit), expected) << kernel.name;
    }
  }
}

TEST(Scan, TheLargestProductsFit) {
  Rows rows;
  AlignedRow row{};
  row.codes.fill(255);
  rows.codes.assign(kScanGroup, row);
  rows.scales.assign(kScanGroup, 1.0F);
  rows.norms.assign(kScanGroup, 0.0F);
  CodedVector vector;
  vector.scale = 1;
  for (const std::int16_t extreme : {std::int16_t{32639}, std::int16_t{-32639}}) {
    vector.codes.fill(extreme);
    const ScanQuery query = make_scan_query(vector);
    const float exact = -2.0F * 65536.0F * 127.0F * static_cast<float>(query.codes[0]) * kDimensions;
    for (const ScanKernel& kernel : scan_kernels()) {
      EXPECT_EQ(run(kernel, query, rows.view(), exact * (exact < 0 ? 0.999F : 1.001F)).size(), kScanGroup)
          << kernel.name;
      EXPECT_EQ(run(kernel, query, rows.view(), exact * (exact < 0 ? 1.001F : 0.999F)).size(), 0U)
          << kernel.name;
    }
  }
}

TEST(CodedVector, KeepsAVectorToSixteenBits) {
  std::mt19937 generator(3);
  std::uniform_real_distribution<float> uniform(-0.4F, 0.4F);
  std::array<float, kDimensions> values{};
  for (float& value : values) value = uniform(generator);
  const CodedVector vector = *encode_vector(values);
  for (std::size_t i = 0; i < kDimensions; ++i) {
    EXPECT_NEAR(vector.scale * vector.codes[i], values[i], 1e-5F);
    EXPECT_EQ(256 * upper_code(vector.codes[i]) + lower_code(vector.codes[i]), vector.codes[i]);
  }
  const auto loaded = load_vector(store_vector(vector));
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->codes, vector.codes);
  EXPECT_EQ(loaded->scale, vector.scale);
}

TEST(CodedVector, RefusesWhatIsNoVector) {
  EXPECT_EQ(encode_vector(std::vector<float>(127)).error().kind, ErrorKind::invalid_argument);
  std::vector<float> values(kDimensions, 0.1F);
  values[5] = NAN;
  EXPECT_EQ(encode_vector(values).error().kind, ErrorKind::invalid_argument);
  EXPECT_TRUE(encode_vector(std::vector<float>(kDimensions, 0.0F)));
  EXPECT_EQ(load_vector(std::vector<std::uint8_t>(kStoredBytes - 1)).error().kind, ErrorKind::corrupt);
  EXPECT_EQ(load_vector(std::vector<std::uint8_t>(kStoredBytes, 0)).error().kind, ErrorKind::corrupt);
}

}  // namespace
}  // namespace sightline::collections
