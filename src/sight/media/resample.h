#pragma once
// Reducing, enlarging and turning a picture on its way to 8-bit RGB, row by row.

#include <cstdint>
#include <vector>

#include "sight/media/picture.h"
#include "sight/media/raster.h"

namespace sightline::media {

/// For each output sample of one axis: which input samples it takes, and with what weights. The weights
/// of an output sample sum to `kOne`: flat areas stay exactly as they are.
class AxisFilter {
 public:
  static constexpr std::uint32_t kOne = 1U << 14;

  /// Maps the range [begin, begin + length) of an axis with `in_size` samples to `out_size` samples:
  /// area averages when that reduces, bilinear (clamped at the picture's border) when it enlarges.
  AxisFilter(double begin, double length, int in_size, int out_size);

  [[nodiscard]] int first(int out) const { return first_[static_cast<std::size_t>(out)]; }
  [[nodiscard]] int count(int out) const { return count_[static_cast<std::size_t>(out)]; }
  [[nodiscard]] const std::uint16_t* weights(int out) const {
    return weights_.data() + offset_[static_cast<std::size_t>(out)];
  }

 private:
  std::vector<int> first_;
  std::vector<int> count_;
  std::vector<std::size_t> offset_;
  std::vector<std::uint16_t> weights_;
};

/// The part `crop` (pixels of the displayed picture; what reaches beyond the border is clamped) of stored
/// `samples`, turned for display, as RGB of `size`. Alpha is laid over mid-grey, CMYK (0 = no ink)
/// converted by the plain formula. Keeps a few rows in memory. `size` must be at least 1x1.
[[nodiscard]] RgbImage resample_to_rgb(const PlaneView& samples, ColorModel model,
                                       const Orientation& orientation, const Box& crop, Size size);

}  // namespace sightline::media
