#include "sight/faces/alignment.h"

#include <algorithm>
#include <array>
#include <cmath>

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

std::uint8_t blended(const media::RgbImage& image, float x, float y, int channel) {
  // Samples stand for the middle of their pixel.
  const float column = std::clamp(x - 0.5F, 0.0F, static_cast<float>(image.size.width - 1));
  const float row = std::clamp(y - 0.5F, 0.0F, static_cast<float>(image.size.height - 1));
  const int left = static_cast<int>(column);
  const int top = static_cast<int>(row);
  const int right = std::min(left + 1, image.size.width - 1);
  const int bottom = std::min(top + 1, image.size.height - 1);
  const float across = column - static_cast<float>(left);
  const float down = row - static_cast<float>(top);
  const auto at = [&](int px, int py) { return static_cast<float>(image.row(py)[px * 3 + channel]); };
  const float above = at(left, top) + (at(right, top) - at(left, top)) * across;
  const float below = at(left, bottom) + (at(right, bottom) - at(left, bottom)) * across;
  return static_cast<std::uint8_t>(above + (below - above) * down + 0.5F);
}

media::RgbImage sampled(const media::RgbImage& picture, const Placement& to_picture, int side) {
  media::RgbImage result{{side, side}, {}};
  result.pixels.resize(static_cast<std::size_t>(side) * static_cast<std::size_t>(side) * 3);
  for (int y = 0; y < side; ++y) {
    std::uint8_t* row = result.row(y);
    for (int x = 0; x < side; ++x) {
      const media::Point place = to_picture({static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F});
      for (int channel = 0; channel < 3; ++channel) *row++ = blended(picture, place.x, place.y, channel);
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
  // x and y differ by the rounding of `size` alone.
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
