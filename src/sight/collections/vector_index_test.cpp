#include "sight/collections/vector_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "sight/collections/test_people.h"

namespace sightline::collections {
namespace {

using test::People;
using Values = std::vector<float>;

Uuid id_of(std::uint32_t number) {
  Uuid id;
  for (std::size_t i = 0; i < 4; ++i) id.bytes[i] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
  return id;
}

float distance(const Values& a, const Values& b) {
  double sum = 0;
  for (std::size_t i = 0; i < kDimensions; ++i) sum += (double{a[i]} - b[i]) * (double{a[i]} - b[i]);
  return static_cast<float>(std::sqrt(sum));
}

std::vector<Neighbour> nearest(const std::vector<Values>& faces, const Values& query, std::size_t count,
                               float max_distance) {
  std::vector<Neighbour> all;
  for (std::uint32_t i = 0; i < faces.size(); ++i) {
    const float d = distance(faces[i], query);
    if (d <= max_distance) all.push_back({id_of(i), d});
  }
  std::ranges::sort(all, {}, &Neighbour::distance);
  if (all.size() > count) all.resize(count);
  return all;
}

NeighbourQuery query_of(const Values& values, std::size_t count, float max_distance) {
  return {*encode_vector(values), count, max_distance, {}};
}

TEST(VectorIndex, FindsWhatAnExactSearchFinds) {
  People people(1);
  std::vector<Values> faces(10'000);
  for (Values& face : faces) face = people.face();
  for (const ScanKernel& kernel : scan_kernels()) {
    VectorIndex index(kernel);
    for (std::uint32_t i = 0; i < faces.size(); ++i) index.append(id_of(i), *encode_vector(faces[i]));
    std::size_t expected = 0;
    std::size_t found = 0;
    for (std::size_t q = 0; q < 20; ++q) {
      const Values& query = faces[q * 333];
      const auto exact = nearest(faces, query, 50, 0.9F);
      const auto answer = index.search(query_of(query, 50, 0.9F));
      ASSERT_EQ(answer.size(), exact.size()) << kernel.name;
      for (std::size_t i = 0; i < exact.size(); ++i) {
        EXPECT_NEAR(answer[i].distance, exact[i].distance, 2e-4F);
        ++expected;
        found += std::ranges::any_of(answer, [&](const Neighbour& one) { return one.id == exact[i].id; });
      }
    }
    EXPECT_GE(static_cast<double>(found), 0.999 * static_cast<double>(expected)) << kernel.name;
    EXPECT_GT(expected, 200U);
  }
}

TEST(VectorIndex, AddedIsFoundAndRemovedIsNot) {
  People people(2);
  VectorIndex index;
  std::vector<Values> faces;
  for (std::uint32_t i = 0; i < 1'000; ++i) {
    faces.push_back(people.face());
    index.append(id_of(i), *encode_vector(faces[i]));
    const auto answer = index.search(query_of(faces[i], 1, 0.01F));
    ASSERT_EQ(answer.size(), 1U) << i;
    EXPECT_EQ(answer[0].id, id_of(i));
  }
  // In an order that empties chunks from within.
  for (std::uint32_t i = 0; i < 1'000; ++i) {
    const std::uint32_t n = i * 387 % 1'000;
    EXPECT_TRUE(index.remove(id_of(n)));
    EXPECT_FALSE(index.remove(id_of(n)));
    EXPECT_FALSE(index.find(id_of(n)));
    EXPECT_THAT(index.search(query_of(faces[n], 1, 0.01F)), testing::IsEmpty());
    const std::uint32_t other = (i + 1) * 387 % 1'000;
    if (i < 999) {
      EXPECT_EQ(index.search(query_of(faces[other], 1, 0.01F)).size(), 1U);
    }
  }
  EXPECT_EQ(index.size(), 0U);
  EXPECT_LT(index.bytes(), 100'000U) << "memory goes with the faces";
  index.append(id_of(2'000), *encode_vector(faces[0]));
  EXPECT_EQ(index.search(query_of(faces[0], 5, 0.01F)).size(), 1U);
}

TEST(VectorIndex, TakesVectorsInAnyOrder) {
  People people(6);
  VectorIndex index;
  constexpr std::uint32_t kCount = 70'000;
  const Values filler = people.face();
  std::vector<Values> faces(kCount, filler);
  for (std::uint32_t i = 0; i < kCount; ++i) {
    const std::uint32_t n = i * 12'347 % kCount;
    if (n % 1'000 == 0) faces[n] = people.face();
    index.append(id_of(n), *encode_vector(faces[n]));
  }
  index.put_in_order();
  for (std::uint32_t n = 0; n < kCount; n += 1'000) {
    ASSERT_TRUE(index.find(id_of(n))) << n;
    EXPECT_EQ(index.find(id_of(n))->codes, encode_vector(faces[n])->codes);
    EXPECT_EQ(index.search(query_of(faces[n], 1, 0.01F)).at(0).id, id_of(n));
    EXPECT_TRUE(index.remove(id_of(n)));
  }
  EXPECT_EQ(index.size(), kCount - 70);
}

TEST(VectorIndex, LeavesOutTheOneAndStaysWithinLimits) {
  People people(3);
  VectorIndex index;
  const Values face = people.face();
  for (std::uint32_t i = 0; i < 300; ++i) index.append(id_of(i), *encode_vector(face));
  auto query = query_of(face, 4096, 0.1F);
  query.except = id_of(17);
  const auto answer = index.search(query);
  EXPECT_EQ(answer.size(), 299U);
  EXPECT_TRUE(std::ranges::none_of(answer, [](const Neighbour& one) { return one.id == id_of(17); }));
  EXPECT_TRUE(std::ranges::is_sorted(answer, {}, &Neighbour::id)) << "as near, by id";
  EXPECT_EQ(index.search(query_of(face, 7, 0.1F)).size(), 7U);
  EXPECT_EQ(index.search(query_of(face, 0, 0.1F)).size(), 0U);
  EXPECT_EQ(index.search(query_of(face, 7, -1.0F)).size(), 0U);
  ASSERT_TRUE(index.find(id_of(3)));
  EXPECT_EQ(index.find(id_of(3))->codes, encode_vector(face)->codes);
}

TEST(VectorIndex, MemoryAFace) {
  VectorIndex index;
  const CodedVector vector = *encode_vector(People(4).face());
  for (std::uint32_t i = 0; i < 200'000; ++i) index.append(id_of(i), vector);
  EXPECT_LE(index.bytes(), 400U * 200'000U);
}

TEST(VectorIndex, WritersGetInBetweenSearchesWithoutAPause) {
  People people(5);
  VectorIndex index;
  for (std::uint32_t i = 0; i < 5'000; ++i) index.append(id_of(i), *encode_vector(people.face()));
  const Values wanted = people.face();
  index.append(id_of(5'000), *encode_vector(wanted));
  std::atomic<bool> stop = false;
  std::atomic<int> searches = 0;
  {
    std::vector<std::jthread> readers;
    for (int t = 0; t < 3; ++t) {
      readers.emplace_back([&] {
        while (!stop) {
          EXPECT_EQ(index.search(query_of(wanted, 1, 0.001F)).size(), 1U);
          ++searches;
        }
      });
    }
    for (std::uint32_t i = 5'001; i < 8'000; ++i) {
      index.append(id_of(i), *encode_vector(people.face()));
      EXPECT_TRUE(index.remove(id_of(i - 5'001)));
    }
    stop = true;
  }
  EXPECT_GT(searches, 0);
  EXPECT_EQ(index.size(), 5'001U);
}

}  // namespace
}  // namespace sightline::collections
