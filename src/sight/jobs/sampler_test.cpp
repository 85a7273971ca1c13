#include "sight/jobs/sampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sightline::jobs {
namespace {

using testing::ElementsAre;
using tracking::Origin;

/// 1000 ticks a second, 100 x 50 pixels; pts begin at 5000.
media::VideoInfo info() {
  media::VideoInfo info;
  info.stored_size = {100, 50};
  info.time_base = {1, 1000};
  return info;
}

class SamplerTest : public testing::Test {
 protected:
  void add(std::int64_t ms, const std::vector<std::int64_t>& tracks, Origin origin = Origin::tracked,
           const std::vector<analysis::Face>& detected = {}) {
    tracking::CoveredFrame frame;
    frame.tracks.pts = 5'000 + ms;
    for (const std::int64_t track : tracks)
      frame.tracks.boxes.push_back({track, {10, 10, 20, 20}, 0.8F, origin});
    keep(sampler_.add(frame, detected));
  }
  void finish() { keep(sampler_.finish()); }
  void keep(std::vector<Shot> shots) {
    for (Shot& shot : shots) {
      times_.push_back(shot.sample.timestamp_ms);
      samples_.push_back(std::move(shot.sample));
    }
  }
  Sampler sampler_{info(), std::chrono::milliseconds(200)};
  std::vector<std::int64_t> times_;
  std::vector<FrameSample> samples_;
};

TEST_F(SamplerTest, TakesTheFirstFrameOfEachIntervalAtItsOwnTime) {
  for (const int ms : {0, 33, 150, 210, 390, 405, 1'000, 1'033}) add(ms, {1});
  finish();
  EXPECT_THAT(times_, ElementsAre(0, 210, 405, 1'000, 1'033));  // the last one ends the track
}

TEST_F(SamplerTest, TakesFirstAndLastFrameOfEachFaceWithAllThatAreThere) {
  add(0, {});
  add(40, {1});
  add(80, {1});
  add(120, {1, 2});
  add(160, {1, 2});
  add(180, {2});
  add(190, {2});
  finish();
  EXPECT_THAT(times_, ElementsAre(40, 120, 160, 190));
  EXPECT_EQ(samples_[2].faces.size(), 2U);
}

TEST_F(SamplerTest, FramesWithoutFacesAreNotTold) {
  for (int ms = 0; ms < 1'000; ms += 40) add(ms, {});
  finish();
  EXPECT_THAT(times_, ElementsAre());
  EXPECT_EQ(sampler_.frames(), 25);
}

TEST_F(SamplerTest, PlacesAreFractions) {
  add(0, {1});
  finish();
  EXPECT_EQ(samples_[0].faces[0].box, (media::Box{0.1F, 0.2F, 0.2F, 0.4F}));
  EXPECT_EQ(samples_[0].faces[0].track, 1);
}

TEST_F(SamplerTest, LandmarksAreThoseOfThisFramesDetectionOrTheLatestOnes) {
  analysis::Face near{{11, 10, 20, 20}, 0.9F, 0.9F, {}};
  near.landmarks.fill({20, 25});
  analysis::Face far{{60, 10, 20, 20}, 0.9F, 0.9F, {}};
  far.landmarks.fill({1, 1});
  add(0, {1}, Origin::detected, {far, near});
  add(200, {1}, Origin::tracked, {near});
  add(400, {1}, Origin::detected, {far});
  add(600, {1}, Origin::detected, {});
  finish();
  ASSERT_EQ(samples_.size(), 4U);
  ASSERT_TRUE(samples_[0].faces[0].landmarks);
  EXPECT_NEAR(samples_[0].faces[0].landmarks->at(0).x, 0.2F, 1e-5);
  EXPECT_EQ(samples_[0].faces[0].points, PointsFrom::detection);
  for (std::size_t i = 1; i < 4; ++i) {
    ASSERT_TRUE(samples_[i].faces[0].landmarks) << i;
    EXPECT_NEAR(samples_[i].faces[0].landmarks->at(0).x, 0.2F, 1e-5) << i;
    EXPECT_EQ(samples_[i].faces[0].points, PointsFrom::carried) << i;
  }
}

/// A detection whose points are all in the middle of its box.
analysis::Face detection(const media::Box& box) {
  analysis::Face face{box, 0.9F, 0.9F, {}};
  face.landmarks.fill(box.center());
  return face;
}

TEST_F(SamplerTest, AFaceThatIsDetectedLaterHasThePointsOfThatDetection) {
  add(0, {1});
  add(40, {1});
  EXPECT_TRUE(samples_.empty()) << "told before its points are known";
  add(80, {1}, Origin::detected, {detection({10, 10, 20, 20})});
  add(120, {1});
  finish();
  EXPECT_THAT(times_, ElementsAre(0, 120));
  for (const FrameSample& sample : samples_) {
    ASSERT_TRUE(sample.faces[0].landmarks) << sample.timestamp_ms;
    EXPECT_NEAR(sample.faces[0].landmarks->at(4).x, 0.2F, 1e-5);
    EXPECT_NEAR(sample.faces[0].landmarks->at(4).y, 0.4F, 1e-5);
  }
}

TEST_F(SamplerTest, AFaceThatIsNeverDetectedHasNoPointsAndHoldsUpNothing) {
  add(0, {1});
  add(40, {2}, Origin::detected, {detection({10, 10, 20, 20})});  // the first one has left
  EXPECT_THAT(times_, ElementsAre(0));
  EXPECT_FALSE(samples_[0].faces[0].landmarks) << "another face's points";
  for (int ms = 1'000; ms < 3'000; ms += 40) add(ms, {3});
  EXPECT_GE(times_.size(), 5U) << "samples wait for ever";
  EXPECT_FALSE(samples_.back().faces[0].landmarks);
}

TEST_F(SamplerTest, WhatTheBorderCutsOffIsTheSameFace) {
  // Three fifths of the told box are what the border hides.
  add(0, {1}, Origin::detected, {detection({22, 10, 8, 20})});
  finish();
  EXPECT_EQ(samples_[0].faces[0].points, PointsFrom::detection);
  ASSERT_TRUE(samples_[0].faces[0].landmarks);
}

}  // namespace
}  // namespace sightline::jobs
