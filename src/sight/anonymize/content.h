#pragma once
// What is painted: a small grid of values that stands for a rectangle of a plane.
//
// solid: one cell. pixelate: square cells, drawn as they are. image: a cell for each sample. blur: the
// colours around the face, drawn smoothly over it (surroundings.h).

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "sight/anonymize/mask.h"
#include "sight/anonymize/paint_plane.h"
#include "sight/anonymize/style.h"
#include "sight/anonymize/surroundings.h"
#include "sight/media/raster.h"

namespace sightline::anonymize {

/// Immutable once made: built from the plane before anything is painted on it.
class Content {
 public:
  /// `rect`: the samples of `plane` that the shape's mask may change. `painted`: the same of all masks on
  /// this plane. `orientation` turns the image style.
  Content(const PaintPlane& plane, const Rect& rect, std::span<const Rect> painted, const Shape& shape,
          const Style& style, const media::Orientation& orientation);

  /// Prepares row y (within rect) of `channel`: rect.width() values.
  void row(int y, std::size_t channel, float* out) const;
  /// How much this content counts where another area's paint lies as well; above 0.
  [[nodiscard]] float weight() const;

 private:
  /// One axis: how its samples fall into cells.
  struct Axis {
    Axis() = default;
    Axis(int samples, int cell_count);
    [[nodiscard]] std::size_t cells() const { return edges.size() - 1; }
    std::vector<std::size_t> edges;  ///< cell k holds the samples [edges[k], edges[k + 1])
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
  std::vector<std::vector<float>> cells_;  ///< a channel: down_.cells() rows of across_.cells() values
  std::unique_ptr<const Surroundings> surroundings_;  ///< blur
};

/// Side of the mosaic's cells for a painted rectangle of that size, all in luma samples. It follows the
/// longer side, so that the sliver of a face at the picture's border is not cut into fine cells.
[[nodiscard]] double cell_side(double displayed_width, double displayed_height, const Style& style);

}  // namespace sightline::anonymize
