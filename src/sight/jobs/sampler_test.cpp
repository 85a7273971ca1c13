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
    tracking::FrameTracks frame{5'000 + ms, {}};
    for (const std::int64_t track : tracks) frame.boxes.push_back({track, {10, 10, 20, 20}, 0.8F, origin});
    keep(sampler_.add(frame, detected));
  }
  void finish() { keep(sampler_.finish()); }
  void keep(std::optional<FrameSample> sample) {
    if (!sample) return;
    times_.push_back(sample->timestamp_ms);
    samples_.push_back(std::move(*sample));
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

TEST_F(SamplerTest, LandmarksAreThoseOfThisVeryFrameOrNone) {
  analysis::Face near{{11, 10, 20, 20}, 0.9F, 0.9F, {}};
  near.landmarks.fill({50, 25});
  analysis::Face far{{60, 10, 20, 20}, 0.9F, 0.9F, {}};
  far.landmarks.fill({1, 1});
  add(0, {1}, Origin::detected, {far, near});
  add(200, {1}, Origin::tracked, {near});
  add(400, {1}, Origin::detected, {far});
  add(600, {1}, Origin::detected, {});
  finish();
  ASSERT_EQ(samples_.size(), 4U);
  ASSERT_TRUE(samples_[0].faces[0].landmarks);
  EXPECT_EQ(samples_[0].faces[0].landmarks->at(0).x, 0.5F);
  for (int i = 1; i < 4; ++i) EXPECT_FALSE(samples_[static_cast<std::size_t>(i)].faces[0].landmarks) << i;
}

}  // namespace
}  // namespace sightline::jobs
