#pragma once
// Where paint goes: the shape around a box, evaluated on a plane's own grid of samples.
//
// The default shape is the superellipse |x|^4 + |y|^4 <= 1 (Lamé curve). An ellipse inscribed in a box
// covers 79% of it, and the ellipse that holds the whole box is 1.57 times as large as the box; the
// superellipse of degree 4 holds the whole box at 1.31 times, and has no corners.

#include <optional>
#include <vector>

#include "sight/anonymize/style.h"
#include "sight/media/geometry.h"

namespace sightline::anonymize {

/// A plane's sampling: a sample covers 2^shift luma samples along each axis.
struct Sampling {
  int width = 0;
  int height = 0;
  int shift_x = 0;
  int shift_y = 0;
};

/// Whole samples [x0, x1) x [y0, y1).
struct Rect {
  int x0 = 0;
  int y0 = 0;
  int x1 = 0;
  int y1 = 0;
  [[nodiscard]] int width() const { return x1 - x0; }
  [[nodiscard]] int height() const { return y1 - y0; }
  [[nodiscard]] bool empty() const { return x1 <= x0 || y1 <= y0; }
};

/// A shape in luma samples of the stored picture: nothing is painted outside `outer`; every sample that
/// `core` touches is painted at full strength, save that of an ellipse.
struct Shape {
  double center_x = 0;
  double center_y = 0;
  double outer_x = 0;  ///< half width and half height of the painted rectangle
  double outer_y = 0;
  double full = 1;  ///< share of the way to the border (in the shape's own measure) painted at full strength
  bool round = false;      ///< superellipse, else rectangle
  bool feathered = false;  ///< the edge blends in: its strength follows a smooth curve, not a straight one
};

/// The shape around `box` (luma samples of the stored picture). A box is first widened to whole samples;
/// all samples of it are inside the full-strength core. nullopt where nothing could be painted: a box that
/// is empty, not finite, or whose paint lies outside a picture of `size`.
[[nodiscard]] std::optional<Shape> shape_of(const media::Box& box, bool region, const Style& style,
                                            media::Size size);

/// A shape on one plane: `rect` are the samples that may be painted, coverage() how much of each.
/// A subsampled sample is painted as much as the most painted of the luma samples under it.
class Mask {
 public:
  Mask(const Shape& shape, const Sampling& sampling);

  [[nodiscard]] const Rect& rect() const { return rect_; }
  /// `strength`: 0..1 of the samples of row y (within rect), one float a column of rect. `share`: how much
  /// the content counts there, where paint of another area lies as well; 0 where the strength is 0. A
  /// feathered area's share fades from its middle to its border, so that no outline shows inside a
  /// neighbour's paint.
  void coverage(int y, float* strength, float* share) const;

 private:
  Rect rect_;
  std::vector<float> across_;  ///< each column's share of the measure
  std::vector<float> down_;
  float slope_ = 0;
  bool round_ = false;
  bool feathered_ = false;
};

/// The samples that a box touches on a plane, clipped to it.
[[nodiscard]] Rect touched(const media::Box& box, const Sampling& sampling);

}  // namespace sightline::anonymize
