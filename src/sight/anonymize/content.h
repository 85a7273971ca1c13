#pragma once
// What is painted: a small grid of values that stands for a rectangle of a plane.
//
// Every style is such a grid. solid: one cell. pixelate: square cells, drawn as they are. image: a cell for
// each sample. blur: averages over cells larger than the face, of it and its surroundings alike, drawn
// through a quadratic B-spline: of the face itself one mean colour is left, half hidden in that of its
// surroundings; it is gone with the averaging, not hidden under a filter that could be undone. Part of the
// colour is taken out, and a relief of soft bumps laid over it: a smooth patch of skin's colour above a pair
// of shoulders is still a face to a face detector, a relief is not (figures: docs/benchmarks/anonymity.md).

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
  /// Takes colour out of the averages and makes room for the bumps; sets up the bumps.
  void veil(const PaintPlane& plane, const Shape& shape);
  void fill(const PaintPlane& plane, const std::uint8_t* rgb);
  void stretch(const PaintPlane& plane, const Shape& shape, const media::RgbImage& image,
               const media::Orientation& orientation);

  Rect rect_;    ///< what is painted
  Rect source_;  ///< what is averaged; holds rect_
  Axis across_;  ///< of source_
  Axis down_;
  std::vector<std::size_t> cell_of_row_;
  bool smooth_ = false;
  std::vector<std::vector<float>> cells_;  ///< a channel: down_.cells() rows of across_.cells() values
  std::vector<float> bump_height_;         ///< a channel; blur alone
  std::vector<float> bumps_across_;        ///< a column of rect_
  std::vector<float> bumps_down_;          ///< a row of rect_
};

/// Side of the blur's or mosaic's cells for a painted rectangle of that size, all in luma samples. It follows
/// the longer side, so that the sliver of a face at the picture's border is not cut into fine cells.
[[nodiscard]] double cell_side(double displayed_width, double displayed_height, const Style& style);

}  // namespace sightline::anonymize
