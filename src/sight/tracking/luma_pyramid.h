#pragma once
// A frame's luma at halving sizes: what content tracking and camera motion look at.

#include <array>
#include <span>
#include <vector>

#include "sight/media/raster.h"

namespace sightline::tracking {

/// Level 0 is `base`, whose pixels are `base_step` displayed pixels wide; every further level halves.
/// Coordinates of sample() are displayed pixels. Immutable after build: several threads may read it.
class LumaPyramid {
 public:
  LumaPyramid() = default;
  static LumaPyramid build(media::LumaImage base, float base_step);

  [[nodiscard]] bool empty() const { return levels_.empty(); }
  [[nodiscard]] int level_count() const { return static_cast<int>(levels_.size()); }
  [[nodiscard]] const media::LumaImage& level(int index) const {
    return levels_[static_cast<std::size_t>(index)];
  }
  /// Displayed pixels to a pixel of `level`.
  [[nodiscard]] float step(int level) const { return base_step_ * static_cast<float>(1 << level); }
  /// The coarsest level whose pixels are at most `spacing` displayed pixels wide (0 if none is).
  [[nodiscard]] int level_for(float spacing) const;
  /// In displayed pixels; may exceed the displayed size by a fraction of a base pixel.
  [[nodiscard]] float width() const;
  [[nodiscard]] float height() const;

  /// Bilinear samples at the centres of a columns x rows grid laid over `box`, row by row. Beyond the
  /// picture the border repeats.
  void sample(const media::Box& box, int columns, int rows, std::span<float> out) const;

 private:
  std::vector<media::LumaImage> levels_;
  float base_step_ = 1;
};

}  // namespace sightline::tracking
