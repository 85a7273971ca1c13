#include "sight/faces/alignment.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "sight/analysis/picture_sources.h"

namespace sightline::faces {
namespace {

media::Point mean(std::span<const media::Point> points) {
  media::Point sum;
  for (const media::Point& point : points) sum = {sum.x + point.x, sum.y + point.y};
  const auto count = static_cast<float>(points.size());
  return {sum.x / count, sum.y / count};
}

/// The upright rectangle around the chip, in pixels of the picture.
media::Box extent(const Placement& to_picture, float side) {
  const std::array<media::Point, 4> corners = {to_picture({0, 0}), to_picture({side, 0}),
                                               to_picture({0, side}), to_picture({side, side})};
  const auto [left, right] = std::ranges::minmax(corners, {}, &media::Point::x);
  const auto [top, bottom] = std::ranges::minmax(corners, {}, &media::Point::y);
  return {left.x, top.y, right.x - left.x, bottom.y - top.y};
}

/// Red, green, blue and nothing, which are blended at once.
using Colour = float __attribute__((vector_size(16)));
using WholeColour = std::int32_t __attribute__((vector_size(16)));

/// The pixels of a picture that a chip is sampled from, ready to be blended. Beyond the picture's border they
/// repeat it.
class Patch {
 public:
  /// `area` in pixels of the picture.
  Patch(const media::RgbImage& picture, const media::Box& area)
      : last_column_(static_cast<float>(picture.size.width - 1)),
        last_row_(static_cast<float>(picture.size.height - 1)),
        left_(clamped(std::floor(area.x) - 2, last_column_)),
        top_(clamped(std::floor(area.y) - 2, last_row_)),
        width_(clamped(std::ceil(area.right()) + 2, last_column_) - left_ + 1) {
    const int height = clamped(std::ceil(area.bottom()) + 2, last_row_) - top_ + 1;
    pixels_.reserve(static_cast<std::size_t>(width_) * static_cast<std::size_t>(height));
    for (int y = 0; y < height; ++y) {
      const std::uint8_t* pixel = picture.row(top_ + y) + std::ptrdiff_t{left_} * 3;
      for (int x = 0; x < width_; ++x, pixel += 3) {
        pixels_.push_back({Colour{static_cast<float>(pixel[0]), static_cast<float>(pixel[1]),
                                  static_cast<float>(pixel[2]), 0}});
      }
    }
  }

  /// Writes the three samples at a place of the area, each blended of its four neighbours.
  void blend(const media::Point& place, std::uint8_t* out) const {
    // Samples stand for the middle of their pixel.
    const float column = std::clamp(place.x - 0.5F, 0.0F, last_column_);
    const float row = std::clamp(place.y - 0.5F, 0.0F, last_row_);
    const int left = static_cast<int>(column);
    const int top = static_cast<int>(row);
    const float across = column - static_cast<float>(left);
    const float down = row - static_cast<float>(top);
    // In the last column and row nothing is blended in from beyond.
    const Pixel* above = pixels_.data() + std::ptrdiff_t{top - top_} * width_ + (left - left_);
    const Pixel* below = down > 0 ? above + width_ : above;
    const std::ptrdiff_t right = across > 0 ? 1 : 0;
    const Colour upper = above[0].colour + (above[right].colour - above[0].colour) * across;
    const Colour lower = below[0].colour + (below[right].colour - below[0].colour) * across;
    const auto whole = __builtin_convertvector(upper + (lower - upper) * down + 0.5F, WholeColour);
    for (int channel = 0; channel < 3; ++channel) out[channel] = static_cast<std::uint8_t>(whole[channel]);
  }

 private:
  struct Pixel {
    Colour colour;
  };
  static int clamped(float place, float last) { return static_cast<int>(std::clamp(place, 0.0F, last)); }

  float last_column_;
  float last_row_;
  int left_;
  int top_;
  int width_;
  std::vector<Pixel> pixels_;
};

media::RgbImage sampled(const media::RgbImage& picture, const Placement& to_picture, int side) {
  const Patch patch(picture, extent(to_picture, static_cast<float>(side)));
  media::RgbImage result{{side, side}, {}};
  result.pixels.resize(static_cast<std::size_t>(side) * static_cast<std::size_t>(side) * 3);
  std::uint8_t* out = result.pixels.data();
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x, out += 3) {
      patch.blend(to_picture({static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F}), out);
    }
  }
  return result;
}

}  // namespace

float Placement::scale() const {
  return std::hypot(a, b);
}

Result<Placement> align(std::span<const media::Point> from, std::span<const media::Point> to) {
  if (from.size() != to.size() || from.size() < 2)
    return fail(ErrorKind::invalid_argument,
                "a face is aligned by two points at least, and as many to bring them to");
  const media::Point from_mean = mean(from);
  const media::Point to_mean = mean(to);
  float along = 0;
  float across = 0;
  float spread = 0;
  float reach = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const media::Point p{from[i].x - from_mean.x, from[i].y - from_mean.y};
    const media::Point q{to[i].x - to_mean.x, to[i].y - to_mean.y};
    along += p.x * q.x + p.y * q.y;
    across += p.x * q.y - p.y * q.x;
    spread += p.x * p.x + p.y * p.y;
    reach += q.x * q.x + q.y * q.y;
  }
  const float a = along / spread;
  const float b = across / spread;
  const Placement result{a, b, to_mean.x - (a * from_mean.x - b * from_mean.y),
                         to_mean.y - (b * from_mean.x + a * from_mean.y)};
  if (!(spread > 0) || !(reach > 0) || !(result.scale() > 0) || !std::isfinite(result.scale()) ||
      !std::isfinite(result.tx) || !std::isfinite(result.ty))
    return fail(ErrorKind::invalid_argument, "the face's points are all in one place: it cannot be aligned");
  return result;
}

media::RgbImage chip(const media::RgbImage& picture, const Placement& to_picture, int side) {
  const float scale = to_picture.scale();
  if (scale <= 1) return sampled(picture, to_picture, side);
  // The part around it, reduced to the chip's own resolution, then turned.
  const media::Box area = extent(to_picture, static_cast<float>(side));
  const int limit = side * 2;
  const media::Size size{std::clamp(static_cast<int>(std::lround(area.width / scale)), 1, limit),
                         std::clamp(static_cast<int>(std::lround(area.height / scale)), 1, limit)};
  const media::RgbImage part = analysis::cropped(picture, area, size);
  const float x = static_cast<float>(size.width) / area.width;
  const float y = static_cast<float>(size.height) / area.height;
  // x and y differ only by the rounding of `size`.
  const float reduce = (x + y) / 2;
  return sampled(part,
                 {to_picture.a * reduce, to_picture.b * reduce, (to_picture.tx - area.x) * reduce,
                  (to_picture.ty - area.y) * reduce},
                 side);
}

media::RgbImage mirrored(const media::RgbImage& image) {
  media::RgbImage result = image;
  for (int y = 0; y < image.size.height; ++y) {
    const std::uint8_t* from = image.row(y);
    std::uint8_t* to = result.row(y) + static_cast<std::ptrdiff_t>(image.size.width) * 3;
    for (int x = 0; x < image.size.width; ++x, from += 3) {
      to -= 3;
      std::copy_n(from, 3, to);
    }
  }
  return result;
}

}  // namespace sightline::faces
