#include "sight/analysis/centerface.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace sightline::analysis {
namespace {

/// Output maps of an input of columns*4 x rows*4 pixels in which nothing is found yet.
struct MadeUpMaps {
  MadeUpMaps(std::size_t rows_in, std::size_t columns_in)
      : rows(rows_in),
        columns(columns_in),
        heat(rows * columns),
        scale(2 * rows * columns),
        offset(2 * rows * columns),
        landmarks(10 * rows * columns) {}

  void set(std::vector<float>& map, std::size_t channel, std::size_t row, std::size_t column,
           float value) const {
    map[(channel * rows + row) * columns + column] = value;
  }

  [[nodiscard]] CenterFaceMaps maps() const {
    const auto tensor = [&](const std::vector<float>& map, std::int64_t channels) {
      return inference::Tensor{
          {1, channels, static_cast<std::int64_t>(rows), static_cast<std::int64_t>(columns)}, map};
    };
    return {tensor(heat, 1), tensor(scale, 2), tensor(offset, 2), tensor(landmarks, 10)};
  }

  std::size_t rows;
  std::size_t columns;
  std::vector<float> heat, scale, offset, landmarks;
};

TEST(CenterFaceTest, AKnownPeakGivesAKnownBox) {
  MadeUpMaps made(8, 16);
  made.set(made.heat, 0, 3, 5, 0.75F);
  made.set(made.scale, 0, 3, 5, std::log(6.0F));  // 24 pixels high
  made.set(made.scale, 1, 3, 5, std::log(4.0F));  // 16 pixels wide
  made.set(made.offset, 0, 3, 5, 0.25F);          // y
  made.set(made.offset, 1, 3, 5, -0.25F);         // x
  made.set(made.landmarks, 0, 3, 5, 0.5F);        // left eye's y
  made.set(made.landmarks, 1, 3, 5, 0.25F);       // left eye's x
  made.set(made.landmarks, 8, 3, 5, 1.0F);        // right mouth corner's y
  made.set(made.landmarks, 9, 3, 5, 0.75F);
  const auto faces = decode_centerface(made.maps(), 0.5F);
  ASSERT_TRUE(faces) << faces.error().message;
  ASSERT_EQ(faces->size(), 1U);
  const Face& face = faces->front();
  EXPECT_FLOAT_EQ(face.score, 0.75F);
  EXPECT_NEAR(face.box.center().x, 21, 1e-4);
  EXPECT_NEAR(face.box.center().y, 15, 1e-4);
  EXPECT_NEAR(face.box.width, 16, 1e-4);
  EXPECT_NEAR(face.box.height, 24, 1e-4);
  EXPECT_NEAR(face.landmarks[0].x, 13 + 4, 1e-4);
  EXPECT_NEAR(face.landmarks[0].y, 3 + 12, 1e-4);
  EXPECT_NEAR(face.landmarks[4].x, 13 + 12, 1e-4);
  EXPECT_NEAR(face.landmarks[4].y, 3 + 24, 1e-4);
}

TEST(CenterFaceTest, TheThresholdDecides) {
  MadeUpMaps made(4, 4);
  made.set(made.heat, 0, 1, 1, 0.3F);
  made.set(made.heat, 0, 2, 2, 0.6F);
  EXPECT_EQ(decode_centerface(made.maps(), 0.5F)->size(), 1U);
  EXPECT_EQ(decode_centerface(made.maps(), 0.2F)->size(), 2U);
}

TEST(CenterFaceTest, NumbersThatAreNoneMakeNoFace) {
  MadeUpMaps made(4, 4);
  made.set(made.heat, 0, 0, 0, std::numeric_limits<float>::quiet_NaN());
  made.set(made.heat, 0, 1, 1, 0.9F);
  made.set(made.scale, 0, 1, 1, std::numeric_limits<float>::infinity());
  made.set(made.heat, 0, 2, 2, 0.9F);
  made.set(made.offset, 1, 2, 2, std::numeric_limits<float>::quiet_NaN());
  EXPECT_TRUE(decode_centerface(made.maps(), 0.2F)->empty());
}

TEST(CenterFaceTest, CandidatesAreBounded) {
  MadeUpMaps made(200, 200);
  made.heat.assign(made.heat.size(), 0.5F);
  made.set(made.heat, 0, 199, 199, 0.9F);
  const auto faces = decode_centerface(made.maps(), 0.2F);
  ASSERT_EQ(faces->size(), kMaxCandidates);
  EXPECT_FLOAT_EQ(faces->front().score, 0.9F);
}

TEST(CenterFaceTest, OutputsOfAnotherKindOfNetworkAreRefused) {
  MadeUpMaps made(4, 4);
  auto maps = made.maps();
  std::swap(maps.scale, maps.landmarks);
  const auto faces = decode_centerface(maps, 0.2F);
  ASSERT_FALSE(faces);
  EXPECT_EQ(faces.error().kind, ErrorKind::unavailable);
}

}  // namespace
}  // namespace sightline::analysis
