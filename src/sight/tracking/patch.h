#pragma once
// Follows the content of one box from a picture to another: search by correlation, then refinement.
//
// Refinement is the inverse compositional algorithm of Baker and Matthews ("Lucas-Kanade 20 Years On", 2004)
// for translation and scale, on patches normalised to mean 0 and deviation 1, so that a change of light or
// exposure does not move the box.

#include <array>

#include "sight/tracking/luma_pyramid.h"

namespace sightline::tracking {

/// What a box looks like, normalised. Plain data, cheap to copy.
struct Patch {
  static constexpr int kSide = 16;
  std::array<float, kSide * kSide> values{};
  float deviation = 0;  ///< of the luma before normalisation: under ~3 there is nothing to hold on to
};

[[nodiscard]] Patch take_patch(const LumaPyramid& picture, const media::Box& box);
/// Weighted normalised correlation, -1..1; the middle of the box counts more than its corners.
[[nodiscard]] float correlation(const Patch& a, const Patch& b);

struct Match {
  media::Box box;
  float correlation = 0;  ///< of the patch with what stands in `box`
};

/// Searches around `predicted` by two thirds of the box in every direction. Keeps the box's size. Among
/// equals the nearest wins.
[[nodiscard]] Match search(const LumaPyramid& picture, const Patch& patch, const media::Box& predicted);
/// Moves and scales `start` until it looks most like `patch`. Never goes further than half a box.
[[nodiscard]] Match refine(const LumaPyramid& picture, const Patch& patch, const media::Box& start);

}  // namespace sightline::tracking
