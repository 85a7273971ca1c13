#include "sight/tracking/luma_pyramid.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace sightline::tracking {
namespace {

constexpr int kSmallestSide = 8;
constexpr int kMostColumns = 64;

media::LumaImage halved(const media::LumaImage& source) {
  const int width = (source.size.width + 1) / 2;
  const int height = (source.size.height + 1) / 2;
  media::LumaImage result{
      {width, height},
      std::vector<std::uint8_t>(static_cast<std::size_t>(width) * static_cast<std::size_t>(height))};
  const int pairs = source.size.width / 2;
  for (int y = 0; y < height; ++y) {
    const std::uint8_t* upper = source.row(2 * y);
    const std::uint8_t* lower = source.row(std::min(2 * y + 1, source.size.height - 1));
    std::uint8_t* out = result.row(y);
    for (int x = 0; x < pairs; ++x) {
      out[x] = static_cast<std::uint8_t>(
          (upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1] + 2) / 4);
    }
    if (pairs < width) {
      const int last = source.size.width - 1;
      out[pairs] = static_cast<std::uint8_t>((upper[last] + lower[last] + 1) / 2);
    }
  }
  return result;
}

struct Tap {
  int left = 0;
  int right = 0;
  float weight = 0;
};

Tap tap_at(float position, int size) {
  const float clamped = std::clamp(position, 0.0F, static_cast<float>(size - 1));
  const int left = static_cast<int>(clamped);
  return {left, std::min(left + 1, size - 1), clamped - static_cast<float>(left)};
}

}  // namespace

LumaPyramid LumaPyramid::build(media::LumaImage base, float base_step) {
  LumaPyramid pyramid;
  pyramid.base_step_ = base_step;
  pyramid.levels_.push_back(std::move(base));
  while (std::min(pyramid.levels_.back().size.width, pyramid.levels_.back().size.height) >=
         2 * kSmallestSide) {
    pyramid.levels_.push_back(halved(pyramid.levels_.back()));
  }
  return pyramid;
}

int LumaPyramid::level_for(float spacing) const {
  int level = 0;
  while (level + 1 < level_count() && step(level + 1) <= spacing) ++level;
  return level;
}

float LumaPyramid::width() const {
  return static_cast<float>(levels_.front().size.width) * base_step_;
}
float LumaPyramid::height() const {
  return static_cast<float>(levels_.front().size.height) * base_step_;
}

void LumaPyramid::sample(const media::Box& box, int columns, int rows, std::span<float> out) const {
  columns = std::min(columns, kMostColumns);
  const float spacing_x = box.width / static_cast<float>(columns);
  const float spacing_y = box.height / static_cast<float>(rows);
  const int chosen = level_for(std::max(spacing_x, spacing_y));
  const media::LumaImage& image = level(chosen);
  const float scale = 1.0F / step(chosen);
  std::array<Tap, kMostColumns> taps;
  for (int x = 0; x < columns; ++x) {
    taps[static_cast<std::size_t>(x)] =
        tap_at((box.x + (static_cast<float>(x) + 0.5F) * spacing_x) * scale - 0.5F, image.size.width);
  }
  float* target = out.data();
  for (int y = 0; y < rows; ++y) {
    const Tap vertical =
        tap_at((box.y + (static_cast<float>(y) + 0.5F) * spacing_y) * scale - 0.5F, image.size.height);
    const std::uint8_t* upper = image.row(vertical.left);
    const std::uint8_t* lower = image.row(vertical.right);
    for (int x = 0; x < columns; ++x) {
      const Tap& tap = taps[static_cast<std::size_t>(x)];
      const float top = static_cast<float>(upper[tap.left]) +
                        tap.weight * static_cast<float>(upper[tap.right] - upper[tap.left]);
      const float bottom = static_cast<float>(lower[tap.left]) +
                           tap.weight * static_cast<float>(lower[tap.right] - lower[tap.left]);
      *target++ = top + vertical.weight * (bottom - top);
    }
  }
}

}  // namespace sightline::tracking
