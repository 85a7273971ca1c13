// A clip that begins or ends at any frame is covered as the uncut clip is: what is painted must not depend on
// which frames happen to be looked at.
#include <gtest/gtest.h>

#include <array>

#include "sight/tracking/scene_testing.h"

namespace sightline::tracking {
namespace {

using media::Box;
using namespace testing_scene;

constexpr std::int64_t kFrames = 104;

/// A face that the detector sees as `score` says, from frame `from` to frame `to`.
struct Seen {
  Actor actor;
  std::int64_t from = 0;
  std::int64_t to = kFrames - 1;
  std::function<float(std::int64_t, Pass)> score;
};

/// One face that every pass is sure of; one of 60 px that comes and goes within ten frames and that only a
/// pass at half the size scores well, as large blurred profiles at the border are; one of 22 px that normal
/// passes score too low to start a track and deep ones do not.
std::array<Seen, 3> faces() {
  const auto absent = [](Actor actor, std::int64_t from, std::int64_t to) {
    return Actor{actor.look, [box = actor.box, from, to](std::int64_t i) {
                   return i >= from && i <= to ? box(i) : Box{-500, 0, 1, 1};
                 }};
  };
  return {
      Seen{moving(1, {20, 20, 32, 40}, 0.8F, 0.2F), 0, kFrames - 1, [](std::int64_t, Pass) { return 0.8F; }},
      Seen{absent(moving(2, {330, 90, 47, 60}, -2, 0), 34, 44), 34, 44,
           [](std::int64_t, Pass pass) { return pass == Pass::coarse ? 0.43F : 0.17F; }},
      Seen{absent(moving(3, {200, 20, 17, 22}, 0.3F, 0), 60, kFrames - 1), 60, kFrames - 1,
           [](std::int64_t, Pass pass) {
             return pass == Pass::deep ? 0.45F : pass == Pass::normal ? 0.2F : 0.0F;
           }}};
}

/// The frames first..end-1 as a clip of their own: for each face the frames that leave it clear.
std::array<std::set<std::int64_t>, 3> clear_frames(std::int64_t first, std::int64_t end) {
  const std::array<Seen, 3> all = faces();
  Scene scene;
  for (const Seen& seen : all) scene.faces.push_back(seen.actor);
  const auto visible = [&](std::int64_t index, Pass pass) {
    std::vector<analysis::Face> found;
    for (const Seen& seen : all) {
      const float score = seen.score(index, pass);
      if (index >= seen.from && index <= seen.to && score > 0) {
        found.push_back(face_at(media::intersection(seen.actor.box(index), {0, 0, kWidth, kHeight}), score));
      }
    }
    return found;
  };
  const Outcome outcome = track_span(scene, first, end, visible, tracker_options(analysis::Scope::balanced));
  std::array<std::set<std::int64_t>, 3> clear;
  for (std::int64_t i = first; i < end; ++i) {
    for (std::size_t f = 0; f < all.size(); ++f) {
      const bool shown = i >= all[f].from && i <= all[f].to;
      if (shown && !covered(outcome.frames[static_cast<std::size_t>(i - first)], all[f].actor.box(i)))
        clear[f].insert(i);
    }
  }
  return clear;
}

TEST(ClipCuts, WhatBeginsAtAnyFrameIsCoveredAsTheWholeClipIs) {
  const auto whole = clear_frames(0, kFrames);
  for (const auto& clear : whole) EXPECT_LE(clear.size(), 2U);
  std::int64_t more = 0;
  std::int64_t face_frames = 0;
  for (const std::int64_t cut : {3, 6, 10, 13, 17, 22, 26, 31}) {
    SCOPED_TRACE(cut);
    const auto part = clear_frames(cut, kFrames);
    for (const std::size_t large : {0U, 1U}) EXPECT_LE(part[large].size(), 2U) << "face " << large;
    // Every face but the first, which is never clear, comes after the last cut.
    for (std::size_t f = 0; f < part.size(); ++f) more += std::ssize(part[f]) - std::ssize(whole[f]);
    for (const Seen& seen : faces()) face_frames += seen.to - std::max(cut, seen.from) + 1;
  }
  EXPECT_LE(static_cast<double>(more), 0.003 * static_cast<double>(face_frames)) << "of " << face_frames;
}

TEST(ClipCuts, WhatEndsAtAnyFrameIsCoveredAsTheWholeClipIs) {
  for (const std::int64_t cut : {37, 40, 43}) {
    SCOPED_TRACE(cut);
    for (const auto& clear : clear_frames(0, cut)) EXPECT_LE(clear.size(), 2U);
  }
}

}  // namespace
}  // namespace sightline::tracking
