#pragma once
// Pictures made of dots, for tests.

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "sight/media/raster.h"

namespace sightline::analysis::testing {

inline int gray_at(const media::RgbImage& image, int x, int y) {
  const std::uint8_t* rgb = image.row(y) + std::ptrdiff_t{x} * 3;
  return (rgb[0] * 77 + rgb[1] * 150 + rgb[2] * 29) >> 8;
}

inline void set_gray(media::RgbImage& image, int x, int y, int gray) {
  std::fill_n(image.row(y) + std::ptrdiff_t{x} * 3, 3, static_cast<std::uint8_t>(gray));
}

/// In black and white, the error of each pixel handed on to its neighbours (Floyd and Steinberg, 1976).
inline media::RgbImage dithered(const media::RgbImage& image) {
  media::RgbImage dots = image;
  const int width = image.size.width;
  std::vector<float> here(static_cast<std::size_t>(width) + 2);
  std::vector<float> below(here.size());
  for (int y = 0; y < image.size.height; ++y) {
    for (int x = 0; x < width; ++x) {
      const auto at = static_cast<std::size_t>(x) + 1;
      const float wanted = static_cast<float>(gray_at(image, x, y)) + here[at];
      const int gray = wanted < 128 ? 0 : 255;
      set_gray(dots, x, y, gray);
      const float error = (wanted - static_cast<float>(gray)) / 16;
      here[at + 1] += 7 * error;
      below[at - 1] += 3 * error;
      below[at] += 5 * error;
      below[at + 1] += error;
    }
    here.swap(below);
    std::ranges::fill(below, 0.0F);
  }
  return dots;
}

/// In black and white, as a screen of 45 degrees with dots every `period` pixels prints it.
inline media::RgbImage screened(const media::RgbImage& image, int period) {
  media::RgbImage dots = image;
  const float step = std::numbers::sqrt2_v<float> * std::numbers::pi_v<float> / static_cast<float>(period);
  for (int y = 0; y < image.size.height; ++y) {
    for (int x = 0; x < image.size.width; ++x) {
      const float along = std::cos(step * static_cast<float>(x + y));
      const float across = std::cos(step * static_cast<float>(y - x));
      set_gray(dots, x, y,
               static_cast<float>(gray_at(image, x, y)) > 127.5F * (along * across + 1) ? 255 : 0);
    }
  }
  return dots;
}

}  // namespace sightline::analysis::testing
