#pragma once
// What is painted: a small grid of values that stands for a rectangle of a plane.
//
// Every style is such a grid. solid: one cell. pixelate: square cells, drawn as they are. blur: a few large
// cells of averages, drawn through a quadratic B-spline, so that it looks smooth; what a face looked like is
// gone with the averaging, not hidden under a filter that could be undone. image: a cell for each sample.

#include <cstddef>
#include <vector>

#include "sight/anonymize/mask.h"
#include "sight/anonymize/style.h"
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
/// are left alone.
struct PaintPlane {
  media::PlaneView view;
  int shift_x = 0;  ///< log2 of the luma samples that a sample covers
  int shift_y = 0;
  std::vector<FromRgb> channels;
  [[nodiscard]] Sampling sampling() const { return {view.width, view.height, shift_x, shift_y}; }
};

/// Immutable once made: built from the plane before anything is painted on it.
class Content {
 public:
  /// `rect`: the samples of `plane` that the shape's mask covers. `orientation` turns the image style.
  Content(const PaintPlane& plane, const Rect& rect, const Shape& shape, const Style& style,
          const media::Orientation& orientation);

  /// Prepares row y (within rect) of `channel`: rect.width() values.
  void row(int y, std::size_t channel, float* out) const;

 private:
  /// One axis: how its samples fall into cells.
  struct Axis {
    Axis() = default;
    Axis(int samples, int cell_count);
    [[nodiscard]] std::size_t cells() const { return edges.size() - 1; }
    std::vector<std::size_t> edges;  ///< cell k holds the samples [edges[k], edges[k + 1])
    /// Each sample's B-spline weights of the cell before its own, its own, and the one behind.
    std::vector<float> before, own, behind;
  };
  template <typename Sample>
  void average(const media::PlaneView& view);
  void fill(const PaintPlane& plane, const std::uint8_t* rgb);
  void stretch(const PaintPlane& plane, const Shape& shape, const media::RgbImage& image,
               const media::Orientation& orientation);

  Rect rect_;
  Axis across_;
  Axis down_;
  std::vector<std::size_t> cell_of_row_;
  bool smooth_ = false;
  std::vector<std::vector<float>> cells_;  ///< a channel: down_.cells() rows of across_.cells() values
};

/// Side of the blur's or mosaic's cells for a painted rectangle of that size, all in luma samples. It follows
/// the longer side, so that the sliver of a face at the picture's border is not cut into fine cells.
[[nodiscard]] double cell_side(double displayed_width, double displayed_height, const Style& style);

}  // namespace sightline::anonymize
