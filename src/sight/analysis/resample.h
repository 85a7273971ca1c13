#pragma once
// Scales RGB pictures and parts of them.

#include "sight/media/raster.h"

namespace sightline::analysis {

/// `area` of `image` (in its pixels; parts outside repeat the border) scaled to `size`: each axis is averaged
/// over the area where it shrinks and linear where it grows.
[[nodiscard]] media::RgbImage resampled(const media::RgbImage& image, const media::Box& area,
                                        media::Size size);

}  // namespace sightline::analysis
