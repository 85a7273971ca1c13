#include "sight/faces/five_point_pose.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sightline::faces {
namespace {

using Points = std::array<media::Point, 5>;

constexpr float kDegree = 3.14159265F / 180;

/// A head of its own that is turned: nodding, then to the side, then leaning. Degrees.
Points seen(float roll, float yaw, float pitch, float size = 40, media::Point at = {200, 100}) {
  // Eyes, nose, corners of the mouth: x to the right, y down, z away.
  constexpr std::array<MeshPoint, 5> kHead = {{{-0.5F, -0.52F, 0},
                                               {0.5F, -0.52F, 0},
                                               {0, 0.03F, -0.42F},
                                               {-0.41F, 0.5F, 0.05F},
                                               {0.41F, 0.5F, 0.05F}}};
  Points points;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const float cp = std::cos(pitch * kDegree);
    const float sp = std::sin(pitch * kDegree);
    const MeshPoint nod{kHead[i].x, cp * kHead[i].y + sp * kHead[i].z, cp * kHead[i].z - sp * kHead[i].y};
    const float x = std::cos(yaw * kDegree) * nod.x - std::sin(yaw * kDegree) * nod.z;
    const float c = std::cos(roll * kDegree);
    const float s = std::sin(roll * kDegree);
    points[i] = {at.x + size * (c * x - s * nod.y), at.y + size * (s * x + c * nod.y)};
  }
  return points;
}

void expect_pose(const Points& points, float roll, float yaw, float pitch, float within = 4) {
  const auto pose = five_point_pose(points);
  ASSERT_TRUE(pose);
  EXPECT_NEAR(pose->roll, roll, within);
  EXPECT_NEAR(pose->yaw, yaw, within);
  EXPECT_NEAR(pose->pitch, pitch, within);
}

TEST(FivePointPoseTest, FacingTheCameraIsZero) {
  expect_pose(seen(0, 0, 0), 0, 0, 0);
}

TEST(FivePointPoseTest, SignsAreThoseOfTheMesh) {
  expect_pose(seen(25, 0, 0), 25, 0, 0);
  expect_pose(seen(-25, 0, 0), -25, 0, 0);
  expect_pose(seen(0, 30, 0), 0, 30, 0, 6);
  expect_pose(seen(0, -30, 0), 0, -30, 0, 6);
  expect_pose(seen(0, 0, 20), 0, 0, 20, 6);
  expect_pose(seen(0, 0, -20), 0, 0, -20, 6);
  expect_pose(seen(0, 40, -15), 0, 40, -15, 8);
}

TEST(FivePointPoseTest, PlaceAndSizeDoNotMatter) {
  const Pose one = five_point_pose(seen(10, 20, -10)).value();
  expect_pose(seen(10, 20, -10, 3, {5, 900}), one.roll, one.yaw, one.pitch, 0.3F);
  expect_pose(seen(10, 20, -10, 900, {0, 0}), one.roll, one.yaw, one.pitch, 0.3F);
}

TEST(FivePointPoseTest, AFaceUpsideDownIsHalfATurn) {
  const auto pose = five_point_pose(seen(180, 0, 0));
  ASSERT_TRUE(pose);
  EXPECT_NEAR(std::abs(pose->roll), 180, 4);
}

TEST(FivePointPoseTest, PointsThatAreNoFaceStillGiveAnglesInBounds) {
  for (const Points& points :
       {Points{{{0, 0}, {1, 0}, {90, 3}, {0, 1}, {1, 1}}}, Points{{{0, 0}, {9, 0}, {4, 0}, {0, 0}, {9, 0}}},
        Points{{{1, 0}, {0, 0}, {0.5F, -3}, {1, 1}, {0, 1}}}}) {
    const auto pose = five_point_pose(points);
    ASSERT_TRUE(pose);
    for (const float angle : {pose->roll, pose->yaw, pose->pitch}) {
      EXPECT_TRUE(std::isfinite(angle));
      EXPECT_LE(std::abs(angle), 180);
    }
  }
}

TEST(FivePointPoseTest, PointsInOnePlaceFaceNowhere) {
  Points points;
  points.fill({3, 3});
  EXPECT_EQ(five_point_pose(points).error().kind, ErrorKind::invalid_argument);
  points[0].x = NAN;
  EXPECT_FALSE(five_point_pose(points));
}

}  // namespace
}  // namespace sightline::faces
