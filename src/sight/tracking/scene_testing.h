#pragma once
// Made-up clips for tests of the tracker: textured "faces" that move over a textured background, and a
// detector that finds what the test lets it find.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <random>
#include <set>
#include <vector>

#include "sight/tracking/tracker_core.h"

namespace sightline::tracking::testing_scene {

using media::Box;

inline constexpr int kWidth = 320;
inline constexpr int kHeight = 180;

/// Smooth noise: something to hold on to, different for every seed.
class Texture {
 public:
  explicit Texture(unsigned seed) {
    std::mt19937 random(seed);
    for (float& value : values_) value = static_cast<float>(random() % 256);
  }
  [[nodiscard]] float at(float x, float y) const {
    const auto cell = [&](int cx, int cy) {
      return values_[static_cast<std::size_t>((cy & (kSide - 1)) * kSide + (cx & (kSide - 1)))];
    };
    const float fx = std::floor(x);
    const float fy = std::floor(y);
    const int cx = static_cast<int>(fx);
    const int cy = static_cast<int>(fy);
    const float u = x - fx;
    const float v = y - fy;
    return (cell(cx, cy) * (1 - u) + cell(cx + 1, cy) * u) * (1 - v) +
           (cell(cx, cy + 1) * (1 - u) + cell(cx + 1, cy + 1) * u) * v;
  }

 private:
  static constexpr int kSide = 64;
  std::array<float, kSide * kSide> values_{};
};

struct Actor {
  unsigned look = 1;                     // seed of its texture
  std::function<Box(std::int64_t)> box;  // where it is; empty box: not in the picture
  float grain = 4;                       // pixels to a cell of the texture; for faces it follows their size
};

/// A made-up clip: a textured background, moving textured "faces" and things that pass in front of them.
struct Scene {
  std::vector<Actor> faces;
  std::vector<Actor> occluders;
  std::function<float(std::int64_t)> pan = [](std::int64_t) { return 0.0F; };
  std::function<unsigned(std::int64_t)> background = [](std::int64_t) { return 99U; };

  [[nodiscard]] LumaPyramid render(std::int64_t index) const {
    media::LumaImage image{{kWidth, kHeight}, std::vector<std::uint8_t>(kWidth * kHeight)};
    const Texture back(background(index));
    const float shift = pan(index);
    const auto paint = [&](const Texture& texture, const Box& area, float grain, bool whole) {
      for (int y = 0; y < kHeight; ++y) {
        for (int x = 0; x < kWidth; ++x) {
          const float u = static_cast<float>(x) + 0.5F - area.x;
          const float v = static_cast<float>(y) + 0.5F - area.y;
          if (!whole && (u < 0 || v < 0 || u > area.width || v > area.height)) continue;
          image.row(y)[x] = static_cast<std::uint8_t>(texture.at(u / grain, v / grain));
        }
      }
    };
    paint(back, {shift, 0, kWidth, kHeight}, 9, true);
    for (const Actor& actor : faces) {
      const Box box = actor.box(index);
      paint(Texture(actor.look), box, std::max(1.0F, box.width / 5), false);
    }
    for (const Actor& actor : occluders) paint(Texture(actor.look), actor.box(index), actor.grain, false);
    return LumaPyramid::build(std::move(image), 1);
  }
};

inline analysis::Face face_at(const Box& box, float score) {
  analysis::Face face;
  face.box = box;
  face.score = score;
  face.confidence = score;
  return face;
}

struct Outcome {
  std::vector<FrameTracks> frames;
  std::set<std::int64_t> looked_at;
  std::int64_t most_held = 0;
};

/// What the detector finds in a frame.
using Visible = std::function<std::vector<analysis::Face>(std::int64_t)>;
/// ... by a pass of some kind.
using VisibleTo = std::function<std::vector<analysis::Face>(std::int64_t, Pass)>;

/// Tracks the frames first..end-1 of the scene as if they were a whole clip. The functions get the scene's
/// frame numbers; outcome.frames counts from `first`.
inline Outcome track_span(
    const Scene& scene, std::int64_t first, std::int64_t end, const VisibleTo& visible,
    TrackerOptions options = {},
    const std::function<std::int64_t(std::int64_t)>& pts_of = [](std::int64_t i) { return i * 40; }) {
  Outcome outcome;
  TrackerCore core(
      options,
      [&](const media::VideoFrame&, std::int64_t index, Pass pass) -> Result<std::vector<analysis::Face>> {
        outcome.looked_at.insert(first + index);
        return visible(first + index, pass);
      });
  const auto take = [&](Result<std::vector<CoveredFrame>> covered) {
    ASSERT_TRUE(covered.has_value());
    for (CoveredFrame& frame : *covered) {
      EXPECT_EQ(frame.index, static_cast<std::int64_t>(outcome.frames.size()));
      outcome.frames.push_back(std::move(frame.tracks));
    }
    outcome.most_held = std::max(outcome.most_held, core.frames_held());
  };
  for (std::int64_t i = first; i < end; ++i) take(core.push({}, pts_of(i), scene.render(i)));
  take(core.finish());
  return outcome;
}

inline Outcome track(
    const Scene& scene, std::int64_t frames, const Visible& visible, TrackerOptions options = {},
    const std::function<std::int64_t(std::int64_t)>& pts_of = [](std::int64_t i) { return i * 40; }) {
  return track_span(scene, 0, frames, [&](std::int64_t i, Pass) { return visible(i); }, options, pts_of);
}

inline bool covered(const FrameTracks& frame, const Box& face) {
  const Box inside = media::intersection(face, {0, 0, kWidth, kHeight});
  return std::any_of(frame.boxes.begin(), frame.boxes.end(), [&](const TrackedBox& tracked) {
    // The painter's margin of 15% on each side is part of the promise.
    return media::intersection(media::grown(tracked.box, 0.3F), inside).area() >= 0.95F * inside.area();
  });
}

inline Actor moving(unsigned look, Box start, float dx, float dy) {
  return {look, [=](std::int64_t i) {
            const auto t = static_cast<float>(i);
            return Box{start.x + dx * t, start.y + dy * t, start.width, start.height};
          }};
}

}  // namespace sightline::tracking::testing_scene
