#include "sight/jobs/point_carrier.h"

#include <gtest/gtest.h>

namespace sightline::jobs {
namespace {

SampledFace face(std::int64_t track, const media::Box& box) {
  SampledFace face;
  face.track = track;
  face.box = box;
  return face;
}

/// Its points a quarter from the left, at half of its height.
SampledFace detected(std::int64_t track, const media::Box& box) {
  SampledFace seen = face(track, box);
  seen.landmarks.emplace().fill({box.x + box.width / 4, box.y + box.height / 2});
  return seen;
}

TEST(PointCarrierTest, PointsMoveAndGrowWithTheBox) {
  PointCarrier carrier;
  std::vector<SampledFace> faces = {detected(1, {0.1F, 0.1F, 0.2F, 0.2F})};
  carrier.pass(faces);
  EXPECT_EQ(faces[0].points, PointsFrom::detection);
  faces = {face(1, {0.5F, 0.5F, 0.4F, 0.4F}), face(2, {0, 0, 0.1F, 0.1F})};
  carrier.pass(faces);
  ASSERT_TRUE(faces[0].landmarks);
  EXPECT_NEAR(faces[0].landmarks->at(2).x, 0.6F, 1e-5);
  EXPECT_NEAR(faces[0].landmarks->at(2).y, 0.7F, 1e-5);
  EXPECT_EQ(faces[0].points, PointsFrom::carried);
  EXPECT_FALSE(faces[1].landmarks);
  EXPECT_TRUE(carrier.is_hoped_for(faces[1]));
}

TEST(PointCarrierTest, AnEarlierFrameGetsThemToo) {
  PointCarrier carrier;
  std::vector<SampledFace> early = {face(1, {0, 0, 0.4F, 0.4F})};
  carrier.pass(early);
  std::vector<SampledFace> late = {detected(1, {0.1F, 0.1F, 0.2F, 0.2F})};
  carrier.pass(late);
  carrier.complete(early);
  ASSERT_TRUE(early[0].landmarks);
  EXPECT_NEAR(early[0].landmarks->at(0).x, 0.1F, 1e-5);
}

TEST(PointCarrierTest, WhoHasLeftIsForgotten) {
  PointCarrier carrier;
  std::vector<SampledFace> faces = {detected(1, {0.1F, 0.1F, 0.2F, 0.2F})};
  carrier.pass(faces);
  faces.clear();
  carrier.pass(faces);
  faces = {face(1, {0.1F, 0.1F, 0.2F, 0.2F})};
  EXPECT_FALSE(carrier.is_hoped_for(faces[0]));
  carrier.pass(faces);
  EXPECT_FALSE(faces[0].landmarks);
}

TEST(PointCarrierTest, PointsFarFromTheirBoxAreNotCarried) {
  PointCarrier carrier;
  std::vector<SampledFace> faces = {face(1, {0.1F, 0.1F, 0.0001F, 0.0001F}), face(2, {0.1F, 0.1F, 0, 0})};
  for (SampledFace& seen : faces) seen.landmarks.emplace().fill({0.9F, 0.9F});
  carrier.pass(faces);
  faces = {face(1, {0.1F, 0.1F, 0.9F, 0.9F}), face(2, {0.1F, 0.1F, 0.9F, 0.9F})};
  carrier.pass(faces);
  EXPECT_FALSE(faces[0].landmarks || faces[1].landmarks);
}

}  // namespace
}  // namespace sightline::jobs
