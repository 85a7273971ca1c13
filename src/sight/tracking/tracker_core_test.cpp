#include "sight/tracking/tracker_core.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "sight/tracking/scene_testing.h"

namespace sightline::tracking {
namespace {

using media::Box;
using namespace testing_scene;

Visible sees(const Actor& actor, std::int64_t from, std::int64_t to, float score = 0.8F) {
  return [=](std::int64_t index) {
    std::vector<analysis::Face> faces;
    if (index >= from && index <= to) faces.push_back(face_at(actor.box(index), score));
    return faces;
  };
}

TEST(TrackerCore, CoversEveryFrameWhileLookingAtFew) {
  Scene scene;
  scene.faces = {moving(1, {40, 60, 32, 40}, 2.0F, 0.3F)};
  const Outcome outcome = track(scene, 60, sees(scene.faces[0], 0, 1000));
  ASSERT_EQ(outcome.frames.size(), 60U);
  EXPECT_LE(outcome.looked_at.size(), 20U);
  for (std::size_t i = 0; i < 60; ++i) {
    EXPECT_TRUE(covered(outcome.frames[i], scene.faces[0].box(static_cast<std::int64_t>(i)))) << i;
    ASSERT_EQ(outcome.frames[i].boxes.size(), 1U) << i;
    EXPECT_EQ(outcome.frames[i].boxes[0].track, 1);
    EXPECT_LT(outcome.frames[i].boxes[0].box.area(), 32 * 40 * 1.7F) << "paints too much in frame " << i;
  }
}

TEST(TrackerCore, FollowsAShakingCamera) {
  Scene scene;
  scene.pan = [](std::int64_t i) { return 14.0F * std::sin(static_cast<float>(i) * 1.1F); };
  const Actor face{1, [&](std::int64_t i) { return Box{140 + scene.pan(i), 60, 28, 34}; }};
  scene.faces = {face};
  const Outcome outcome = track(scene, 50, sees(face, 0, 1000));
  for (std::size_t i = 0; i < 50; ++i) {
    EXPECT_TRUE(covered(outcome.frames[i], face.box(static_cast<std::int64_t>(i)))) << i;
  }
}

TEST(TrackerCore, CoversAFaceFromBeforeItWasFirstDetected) {
  Scene scene;
  scene.faces = {moving(3, {60, 50, 30, 38}, 1.5F, 0)};
  const Outcome outcome = track(scene, 60, sees(scene.faces[0], 40, 1000));
  for (std::size_t i = 24; i < 60; ++i) {
    EXPECT_TRUE(covered(outcome.frames[i], scene.faces[0].box(static_cast<std::int64_t>(i)))) << i;
  }
}

TEST(TrackerCore, CarriesOnWhereTheDetectorBlinks) {
  Scene scene;
  scene.faces = {moving(3, {60, 50, 30, 38}, 1.0F, 0)};
  const auto visible = [&](std::int64_t index) {
    return index > 15 && index < 35 ? std::vector<analysis::Face>{} : sees(scene.faces[0], 0, 1000)(index);
  };
  const Outcome outcome = track(scene, 60, visible);
  std::set<std::int64_t> ids;
  for (std::size_t i = 0; i < 60; ++i) {
    EXPECT_TRUE(covered(outcome.frames[i], scene.faces[0].box(static_cast<std::int64_t>(i)))) << i;
    for (const TrackedBox& box : outcome.frames[i].boxes) ids.insert(box.track);
  }
  EXPECT_EQ(ids.size(), 1U);
}

TEST(TrackerCore, BridgesAnOcclusion) {
  Scene scene;
  scene.faces = {moving(5, {100, 50, 30, 38}, 1.0F, 0)};
  // A pillar hides the face wholly between frames 20 and 32.
  scene.occluders = {
      {77, [](std::int64_t i) { return i >= 20 && i <= 32 ? Box{100, 0, 60, kHeight} : Box{500, 0, 1, 1}; }}};
  const auto visible = [&](std::int64_t index) {
    return index >= 20 && index <= 32 ? std::vector<analysis::Face>{} : sees(scene.faces[0], 0, 1000)(index);
  };
  const Outcome outcome = track(scene, 60, visible);
  std::set<std::int64_t> ids;
  for (std::size_t i = 0; i < 60; ++i) {
    EXPECT_TRUE(covered(outcome.frames[i], scene.faces[0].box(static_cast<std::int64_t>(i)))) << i;
    for (const TrackedBox& box : outcome.frames[i].boxes) ids.insert(box.track);
  }
  EXPECT_EQ(ids.size(), 1U);
}

TEST(TrackerCore, IsNotTakenAlongByWhatPassesBefore) {
  Scene scene;
  const Actor face{5, [](std::int64_t) { return Box{60, 60, 36, 44}; }};
  scene.faces = {face};
  for (const unsigned look : {71U, 72U, 74U, 75U, 76U}) {
    SCOPED_TRACE(look);
    // A coat without much pattern: broad light and shade look like a face's.
    const auto left = [](std::int64_t i) { return -80.0F + 6.0F * static_cast<float>(i); };
    scene.occluders = {{look, [=](std::int64_t i) { return Box{left(i), 20, 80, kHeight}; }, 22}};
    const auto hidden = [&](std::int64_t i) { return left(i) + 80 > 70 && left(i) < 80; };
    const Outcome outcome = track(scene, 80, [&](std::int64_t i) {
      return hidden(i) ? std::vector<analysis::Face>{} : sees(face, 0, 1000)(i);
    });
    for (std::size_t i = 0; i < 80; ++i) {
      for (const TrackedBox& tracked : outcome.frames[i].boxes)
        EXPECT_LT(std::abs(tracked.box.center().x - face.box(0).center().x), 40) << i;
      if (!hidden(static_cast<std::int64_t>(i))) {
        EXPECT_TRUE(covered(outcome.frames[i], face.box(0))) << i;
      }
    }
  }
}

TEST(TrackerCore, SceneCutEndsTracks) {
  Scene scene;
  scene.background = [](std::int64_t i) { return i < 30 ? 99U : 1234U; };
  const Actor before{5, [](std::int64_t i) { return i < 30 ? Box{100, 50, 30, 38} : Box{-500, 0, 1, 1}; }};
  const Actor after{6, [](std::int64_t i) { return i >= 30 ? Box{220, 80, 30, 38} : Box{-500, 0, 1, 1}; }};
  scene.faces = {before, after};
  const auto visible = [&](std::int64_t index) { return sees(index < 30 ? before : after, 0, 1000)(index); };
  const Outcome outcome = track(scene, 60, visible);
  for (std::size_t i = 0; i < 60; ++i) {
    ASSERT_EQ(outcome.frames[i].boxes.size(), 1U) << i;
    EXPECT_TRUE(covered(outcome.frames[i], (i < 30 ? before : after).box(static_cast<std::int64_t>(i)))) << i;
  }
  EXPECT_NE(outcome.frames[29].boxes[0].track, outcome.frames[30].boxes[0].track);
}

TEST(TrackerCore, CoversAFaceThatEntersAndLeavesThroughTheBorder) {
  Scene scene;
  scene.faces = {moving(8, {-40, 60, 36, 44}, 6.0F, 0)};
  const auto visible = [&](std::int64_t index) {
    const Box box = scene.faces[0].box(index);
    const Box inside = media::intersection(box, {0, 0, kWidth, kHeight});
    // The detector needs two thirds of the face, and gives only what lies inside.
    if (inside.area() < 0.66F * box.area()) return std::vector<analysis::Face>{};
    return std::vector<analysis::Face>{face_at(inside, 0.7F)};
  };
  const Outcome outcome = track(scene, 64, visible);
  for (std::size_t i = 0; i < 64; ++i) {
    const Box box = scene.faces[0].box(static_cast<std::int64_t>(i));
    const Box inside = media::intersection(box, {0, 0, kWidth, kHeight});
    if (inside.area() < 0.4F * box.area()) continue;
    EXPECT_TRUE(covered(outcome.frames[i], box)) << i;
  }
  EXPECT_TRUE(outcome.frames.back().boxes.empty()) << "nothing is left to paint once the face has gone";
}

TEST(TrackerCore, LooksAgainWhereAFaceCameWithinAStretch) {
  Scene scene;
  const Actor face{8, [](std::int64_t i) { return i >= 33 ? Box{150, 60, 30, 36} : Box{-500, 0, 1, 1}; }};
  scene.faces = {face};
  const Outcome outcome = track(scene, 60, sees(face, 33, 1000));
  for (std::size_t i = 33; i < 60; ++i) {
    EXPECT_TRUE(covered(outcome.frames[i], face.box(static_cast<std::int64_t>(i)))) << i;
  }
  for (std::size_t i = 0; i < 25; ++i) EXPECT_TRUE(outcome.frames[i].boxes.empty()) << i;
}

TEST(TrackerCore, WeakDetectionsContinueAFaceButDoNotStartOne) {
  Scene scene;
  scene.faces = {moving(3, {60, 50, 30, 38}, 1.0F, 0), moving(4, {200, 100, 24, 30}, 0, 0)};
  const auto visible = [&](std::int64_t index) {
    std::vector<analysis::Face> faces = {face_at(scene.faces[0].box(index), index < 12 ? 0.6F : 0.18F)};
    if (index == 25) faces.push_back(face_at(scene.faces[1].box(index), 0.18F));
    return faces;
  };
  TrackerOptions options;
  options.max_stride = 1;
  options.detection_share = 1;
  const Outcome outcome = track(scene, 100, visible, options);
  for (std::size_t i = 0; i < 100; ++i) {
    EXPECT_TRUE(covered(outcome.frames[i], scene.faces[0].box(static_cast<std::int64_t>(i)))) << i;
    EXPECT_FALSE(covered(outcome.frames[i], scene.faces[1].box(static_cast<std::int64_t>(i)))) << i;
  }
}

TEST(TrackerCore, TimestampsPassThroughUntouched) {
  Scene scene;
  scene.faces = {moving(1, {40, 60, 32, 40}, 2.0F, 0.3F)};
  const auto pts_of = [](std::int64_t i) { return i * i * 7 + 3; };
  const Outcome outcome = track(scene, 30, sees(scene.faces[0], 0, 1000), {}, pts_of);
  ASSERT_EQ(outcome.frames.size(), 30U);
  for (std::size_t i = 0; i < 30; ++i) {
    EXPECT_EQ(outcome.frames[i].pts, pts_of(static_cast<std::int64_t>(i)));
    EXPECT_TRUE(covered(outcome.frames[i], scene.faces[0].box(static_cast<std::int64_t>(i)))) << i;
  }
}

TEST(TrackerCore, HoldsABoundedNumberOfFrames) {
  Scene scene;
  scene.faces = {moving(1, {40, 60, 32, 40}, 0.2F, 0)};
  const TrackerOptions options;
  const Outcome outcome = track(scene, 300, sees(scene.faces[0], 0, 1000), options);
  EXPECT_EQ(outcome.frames.size(), 300U);
  EXPECT_LE(outcome.most_held, options.look_back + options.max_stride);
}

TEST(TrackerCore, SameInputSameBoxes) {
  Scene scene;
  scene.faces = {moving(1, {40, 60, 32, 40}, 2.0F, 0.3F), moving(2, {260, 40, 26, 30}, -2.5F, 0.5F)};
  const auto visible = [&](std::int64_t index) {
    return std::vector<analysis::Face>{face_at(scene.faces[0].box(index), 0.8F),
                                       face_at(scene.faces[1].box(index), index % 3 == 0 ? 0.2F : 0.5F)};
  };
  const Outcome first = track(scene, 60, visible);
  const Outcome second = track(scene, 60, visible);
  EXPECT_EQ(first.looked_at, second.looked_at);
  for (std::size_t i = 0; i < 60; ++i) {
    ASSERT_EQ(first.frames[i].boxes.size(), second.frames[i].boxes.size());
    for (std::size_t b = 0; b < first.frames[i].boxes.size(); ++b) {
      EXPECT_EQ(first.frames[i].boxes[b].box, second.frames[i].boxes[b].box);
    }
  }
}

TEST(TrackerCore, ADetectorErrorStopsTheClip) {
  TrackerCore core({},
                   [](const media::VideoFrame&, std::int64_t, Pass) -> Result<std::vector<analysis::Face>> {
                     return fail(ErrorKind::internal, "the model gave up");
                   });
  const Result<std::vector<CoveredFrame>> result = core.push({}, 0, Scene{}.render(0));
  ASSERT_FALSE(result.has_value());
  EXPECT_THAT(result.error().message, testing::HasSubstr("gave up"));
}

}  // namespace
}  // namespace sightline::tracking
