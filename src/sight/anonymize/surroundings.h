#pragma once
// What the blur paints: the colours around a face, carried smoothly over it.
//
// Nothing of the face is read. A ring of cells lies around the painted rectangle, and each of them is
// averaged over those of its samples that no paint covers: samples that everybody sees in the output as well.
// The cells inside are the membrane through the ring, the solution of Laplace's equation: each is the mean of
// its neighbours. A quadratic B-spline through the cells gives the samples. So any two faces in the same
// place are painted with the same values, and there is nothing in the paint that could be sharpened.
//
// A cell of the ring counts by the share of its samples that could be read, so that the paint changes
// gradually while a face moves past another one or over the border. Where nothing can be read it is grey.

#include <cstddef>
#include <span>
#include <vector>

#include "sight/anonymize/mask.h"
#include "sight/anonymize/paint_plane.h"

namespace sightline::anonymize {

/// Immutable once made: built from the plane before anything is painted on it.
class Surroundings {
 public:
  /// `rect`: the samples of `plane` that the mask of `shape` may change. `painted`: the same of all masks on
  /// this plane, `rect` among them; none of their samples is read. `strength`: see Style.
  Surroundings(const PaintPlane& plane, const Rect& rect, const Shape& shape, std::span<const Rect> painted,
               double strength);

  /// Prepares row y (within rect) of `channel`: rect.width() values.
  void row(int y, std::size_t channel, float* out) const;
  /// The share of the ring that could be read, 0..1.
  [[nodiscard]] float seen() const { return seen_; }

 private:
  /// One axis of the grid: the first and the last cell are the ring's, those between are the rectangle's.
  struct Axis {
    Axis(int first, int last, int shift, double center, double outer, double strength);
    [[nodiscard]] std::size_t cells() const { return from.size(); }
    /// Where a cell of the ring begins and ends on the plane; it may lie beyond the plane's border.
    std::vector<double> from, to;
    /// Cell k of the rectangle, from 1 on, holds its samples [edges[k - 1], edges[k]).
    std::vector<std::size_t> edges;
    std::vector<std::size_t> cell;  ///< of each sample of the rectangle
    /// Each sample's B-spline weights of the cell before its own, its own, and the one behind.
    std::vector<float> before, own, behind;
  };
  template <typename Sample>
  void read_ring(const PaintPlane& plane, std::span<const Rect> painted, std::vector<float>& known);

  Rect rect_;
  Axis across_;
  Axis down_;
  float seen_ = 0;
  std::vector<std::vector<float>> cells_;  ///< a channel: down_.cells() rows of across_.cells() values
};

}  // namespace sightline::anonymize
