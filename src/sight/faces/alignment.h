#pragma once
// Cutting a face out of a picture so that its points come to lie where a network expects them.

#include <span>

#include "base/result.h"
#include "sight/media/raster.h"

namespace sightline::faces {

/// Turns, scales and shifts, never mirrors: (x, y) -> (a x - b y + tx, b x + a y + ty).
struct Placement {
  float a = 1;
  float b = 0;
  float tx = 0;
  float ty = 0;

  [[nodiscard]] media::Point operator()(media::Point point) const {
    return {a * point.x - b * point.y + tx, b * point.x + a * point.y + ty};
  }
  [[nodiscard]] float scale() const;
};

/// The one that brings `from` closest to `to` by least squares (Umeyama, "Least-squares estimation of
/// transformation parameters between two point patterns", 1991, without reflection). Equally many of both,
/// two at least. Errors: invalid_argument, where the points are not finite or all in one place.
[[nodiscard]] Result<Placement> align(std::span<const media::Point> from, std::span<const media::Point> to);

/// A square of `side` pixels. `to_picture` leads from its pixels to those of `picture`; what it takes from
/// beyond the border repeats it. Averaged over areas where the picture is larger, bilinear where it is
/// smaller.
[[nodiscard]] media::RgbImage chip(const media::RgbImage& picture, const Placement& to_picture, int side);

/// Left and right exchanged.
[[nodiscard]] media::RgbImage mirrored(const media::RgbImage& image);

}  // namespace sightline::faces
