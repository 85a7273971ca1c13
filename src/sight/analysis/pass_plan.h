#pragma once
// Which parts of a picture a detector looks at, at which scale.
//
// A network finds faces from some 16 pixels up. One pass over the whole picture serves the usual case; small
// faces need enlarged tiles, and faces that fill the picture a strongly reduced pass. Tiles of a scale
// overlap; each answers only for faces whose centre lies in its core (the cores partition the picture) and
// that fit into the overlap, so that a face at a tile's border is found exactly once and never cut.

#include <vector>

#include "sight/analysis/face_detector.h"

namespace sightline::analysis {

/// One run of the network. Coordinates are pixels of `base`, the whole picture at the pass's resolution.
struct Pass {
  media::Size base;    ///< ask the picture for this size
  media::Box area;     ///< the part of it to look at; all of it for a whole pass
  media::Size input;   ///< the network's input that `area` is scaled to
  media::Box core;     ///< faces whose centre lies outside are another pass's
  float max_side = 0;  ///< largest face side, in pixels of `base`, this pass answers for; 0 = any
  float min_side = 0;  ///< smallest
};

/// Never empty; whole passes first. `multiple`: what the input's sides must be multiples of.
[[nodiscard]] std::vector<Pass> plan_passes(media::Size picture, float pixel_aspect,
                                            const DetectorOptions& options, int multiple);

/// The height in pixels of the picture from which on faces are found as a rule: what the closest of its
/// passes shows the network with 20 pixels.
[[nodiscard]] int smallest_face(media::Size picture, float pixel_aspect, const DetectorOptions& options);

}  // namespace sightline::analysis
