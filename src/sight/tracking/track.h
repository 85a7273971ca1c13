#pragma once
// What tracking says: where each face is in every frame of a clip.

#include <cstdint>
#include <vector>

#include "sight/media/geometry.h"

namespace sightline::tracking {

/// How a box came to be: by the detector in that very frame; carried from a neighbouring frame by the
/// picture's content; or placed between two known ones.
enum class Origin { detected, tracked, interpolated };

struct TrackedBox {
  std::int64_t track = 0;  ///< id, unique in the clip, from 1
  media::Box box;          ///< pixels of the displayed picture
  float score = 0;         ///< calibrated confidence, 0..1, of the detection or fading from the nearest one
  Origin origin = Origin::detected;
  bool full_size = true;  ///< detected boxes: by a pass over the frame at the scope's own size or above it
};

/// All boxes of one frame.
struct FrameTracks {
  std::int64_t pts = 0;
  std::vector<TrackedBox> boxes;
};

}  // namespace sightline::tracking
