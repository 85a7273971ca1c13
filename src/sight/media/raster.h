#pragma once
// Pixels in memory: planes of samples, without any knowledge of where they came from.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sight/media/geometry.h"

namespace sightline::media {

/// One plane of samples that somebody else owns. `stride` is in bytes. A sample takes one byte where
/// bit_depth is 8, else two (native endian). `channels` samples stand side by side (interleaved).
struct PlaneView {
  std::uint8_t* data = nullptr;
  std::ptrdiff_t stride = 0;
  int width = 0;   ///< pixels
  int height = 0;  ///< pixels
  int channels = 1;
  int bit_depth = 8;

  [[nodiscard]] int bytes_per_sample() const { return bit_depth > 8 ? 2 : 1; }
  [[nodiscard]] std::uint8_t* row(int y) const { return data + stride * y; }
};

/// 8-bit interleaved RGB, tightly packed rows: what detectors and thumbnails take.
struct RgbImage {
  Size size;
  std::vector<std::uint8_t> pixels;  ///< height * width * 3

  [[nodiscard]] const std::uint8_t* row(int y) const {
    return pixels.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(size.width) * 3;
  }
  [[nodiscard]] std::uint8_t* row(int y) {
    return pixels.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(size.width) * 3;
  }
};

/// 8-bit luma, tightly packed rows: what the tracker takes.
struct LumaImage {
  Size size;
  std::vector<std::uint8_t> pixels;  ///< height * width

  [[nodiscard]] const std::uint8_t* row(int y) const {
    return pixels.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(size.width);
  }
  [[nodiscard]] std::uint8_t* row(int y) {
    return pixels.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(size.width);
  }
};

}  // namespace sightline::media
