#pragma once
// A plane of samples that is painted, and what its samples mean.

#include <cstdint>
#include <vector>

#include "sight/anonymize/mask.h"
#include "sight/media/raster.h"

namespace sightline::anonymize {

/// One channel's sample as a sum over an RGB value of 0..255 each: every colour model that is painted here
/// is affine in RGB.
struct FromRgb {
  float r = 0;
  float g = 0;
  float b = 0;
  float offset = 0;
  [[nodiscard]] float operator()(const std::uint8_t* rgb) const {
    return r * static_cast<float>(rgb[0]) + g * static_cast<float>(rgb[1]) + b * static_cast<float>(rgb[2]) +
           offset;
  }
};

/// A plane to paint on. The first channels.size() of its interleaved channels are painted; the rest (alpha)
/// are left as they are.
struct PaintPlane {
  media::PlaneView view;
  int shift_x = 0;  ///< log2 of the luma samples that a sample covers
  int shift_y = 0;
  std::vector<FromRgb> channels;
  [[nodiscard]] Sampling sampling() const { return {view.width, view.height, shift_x, shift_y}; }
};

}  // namespace sightline::anonymize
