#pragma once
// How the whole picture moved from one frame to the next, and whether it is the same scene at all.

#include "sight/tracking/luma_pyramid.h"

namespace sightline::tracking {

/// A similarity without rotation, in displayed pixels: p' = scale * p + (x, y).
struct CameraMotion {
  float scale = 1;
  float x = 0;
  float y = 0;
  /// Nothing of the earlier picture is found again in the later: a cut.
  bool cut = false;
  /// Share of the textured picture that moves otherwise than the camera, 0..1.
  float unrest = 0;

  [[nodiscard]] media::Box forward(const media::Box& box) const;
  [[nodiscard]] media::Box backward(const media::Box& box) const;
};

/// Block matching on a picture of about 160 pixels, then a robust fit over the blocks with texture.
/// `earlier` and `later` are of one size.
[[nodiscard]] CameraMotion estimate_motion(const LumaPyramid& earlier, const LumaPyramid& later);

}  // namespace sightline::tracking
