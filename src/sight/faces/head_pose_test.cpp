#include "sight/faces/head_pose.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <utility>

namespace sightline::faces {
namespace {

/// A coarse head of 100 pixels that faces the camera: x to the right, y down, z away.
Mesh plain_head() {
  Mesh mesh;
  const std::pair<std::size_t, MeshPoint> points[] = {
      {10, {0, -41, -18}}, {151, {0, -29, -20}}, {9, {0, -16, -22}},   {168, {0, -5, -20}},
      {6, {0, 0, -23}},    {1, {0, 26, -34}},    {4, {0, 21, -35}},    {2, {0, 30, -23}},
      {33, {-32, -3, -5}}, {263, {32, -3, -5}},  {133, {-12, -2, -8}}, {362, {12, -2, -8}},
      {127, {-50, 0, 30}}, {356, {50, 0, 30}},   {234, {-50, 10, 33}}, {454, {50, 10, 33}},
      {93, {-49, 21, 34}}, {323, {49, 21, 34}},  {21, {-47, -20, 13}}, {251, {47, -20, 13}}};
  for (const auto& [index, point] : points) mesh.points[index] = point;
  return mesh;
}

Mesh moved(const std::function<MeshPoint(MeshPoint)>& move) {
  Mesh mesh = plain_head();
  for (MeshPoint& point : mesh.points) point = move(point);
  return mesh;
}

constexpr float kAngle = 0.5F;  // 28.6 degrees
constexpr float kDegrees = kAngle * 180 / 3.14159265F;
const float kCos = std::cos(kAngle);
const float kSin = std::sin(kAngle);

void expect_pose(const Mesh& mesh, float roll, float yaw, float pitch) {
  const Pose pose = head_pose(mesh);
  EXPECT_NEAR(pose.roll, roll, 1.5);
  EXPECT_NEAR(pose.yaw, yaw, 1.5);
  EXPECT_NEAR(pose.pitch, pitch, 1.5);
}

TEST(HeadPoseTest, FacingTheCameraIsZero) {
  expect_pose(plain_head(), 0, 0, 0);
}

TEST(HeadPoseTest, PlaceAndSizeDoNotMatter) {
  const auto tiny = [](MeshPoint p) { return MeshPoint{p.x / 50 + 3, p.y / 50 + 4, p.z / 50}; };
  const auto large = [](MeshPoint p) { return MeshPoint{p.x * 40 + 3000, p.y * 40 - 100, p.z * 40 + 7}; };
  expect_pose(moved(tiny), 0, 0, 0);
  expect_pose(moved(large), 0, 0, 0);
}

TEST(HeadPoseTest, TheNoseToTheViewersRightIsPositiveYaw) {
  // What is in front (z < 0) goes to the right.
  expect_pose(
      moved([](MeshPoint p) { return MeshPoint{kCos * p.x - kSin * p.z, p.y, kSin * p.x + kCos * p.z}; }), 0,
      kDegrees, 0);
}

TEST(HeadPoseTest, LookingUpIsPositivePitch) {
  // What is in front goes up (y < 0).
  expect_pose(
      moved([](MeshPoint p) { return MeshPoint{p.x, kCos * p.y + kSin * p.z, -kSin * p.y + kCos * p.z}; }), 0,
      0, kDegrees);
}

TEST(HeadPoseTest, LeaningClockwiseIsPositiveRoll) {
  // The right-hand side goes down.
  expect_pose(
      moved([](MeshPoint p) { return MeshPoint{kCos * p.x - kSin * p.y, kSin * p.x + kCos * p.y, p.z}; }),
      kDegrees, 0, 0);
}

TEST(HeadPoseTest, APictureUpsideDownIsHalfATurn) {
  const Pose pose = head_pose(moved([](MeshPoint p) { return MeshPoint{-p.x, -p.y, p.z}; }));
  EXPECT_NEAR(std::abs(pose.roll), 180, 1.5);
  EXPECT_NEAR(pose.yaw, 0, 1.5);
}

}  // namespace
}  // namespace sightline::faces
