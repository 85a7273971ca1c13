#pragma once
// Turns and mirrors pixels into display order.

#include <cstdint>

#include "sight/media/raster.h"

namespace sightline::media {

/// Writes the samples of `stored` (8 bit, 1 or 3 channels) as displayed, rows packed tightly, to `out`,
/// which holds width * height * channels bytes. Thread-safe.
void turn_pixels(const PlaneView& stored, const Orientation& orientation, std::uint8_t* out);

}  // namespace sightline::media
