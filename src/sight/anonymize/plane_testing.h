#pragma once
// What the tests of painting paint on.

#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "sight/anonymize/plane_painter.h"

namespace sightline::anonymize::testing {

/// Planes with their memory; `pad` samples of a known value stand behind every row.
class TestPlane {
 public:
  TestPlane(int width, int height, int channels, int bit_depth, int painted)
      : bytes_(static_cast<std::size_t>((width * channels + kPad) * height * (bit_depth > 8 ? 2 : 1)), 0x5A) {
    plane_.view.data = bytes_.data();
    plane_.view.stride = (width * channels + kPad) * (bit_depth > 8 ? 2 : 1);
    plane_.view.width = width;
    plane_.view.height = height;
    plane_.view.channels = channels;
    plane_.view.bit_depth = bit_depth;
    const float scale = static_cast<float>((1 << bit_depth) - 1) / 255.0F;
    plane_.channels.assign(static_cast<std::size_t>(painted), FromRgb{scale, 0, 0, 0});
    // A fine pattern: every sample differs from its neighbours, so that anything left shows.
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width * channels; ++x) set(x, y, pattern(x, y));
    }
    before_ = bytes_;
  }

  [[nodiscard]] int pattern(int x, int y) const {
    const int largest = (1 << plane_.view.bit_depth) - 1;
    return ((x + y) % 2 != 0 ? largest - 20 : 20) + (x * 7 + y * 3) % 19;
  }
  void set(int x, int y, int value) {
    std::uint8_t* row = plane_.view.row(y);
    if (plane_.view.bytes_per_sample() == 1) {
      row[x] = static_cast<std::uint8_t>(value);
    } else {
      const auto wide = static_cast<std::uint16_t>(value);
      std::memcpy(row + x * 2, &wide, 2);
    }
  }
  [[nodiscard]] static int get(const std::vector<std::uint8_t>& bytes, const media::PlaneView& view, int x,
                               int y) {
    const std::uint8_t* row = bytes.data() + view.stride * y;
    if (view.bytes_per_sample() == 1) return row[x];
    std::uint16_t wide = 0;
    std::memcpy(&wide, row + x * 2, 2);
    return wide;
  }
  [[nodiscard]] int now(int x, int y) const { return get(bytes_, plane_.view, x, y); }
  [[nodiscard]] int was(int x, int y) const { return get(before_, plane_.view, x, y); }
  [[nodiscard]] bool untouched() const { return bytes_ == before_; }
  [[nodiscard]] PaintPlane& plane() { return plane_; }
  [[nodiscard]] media::Size size() const { return {plane_.view.width, plane_.view.height}; }
  /// Padding behind the rows is intact.
  [[nodiscard]] bool padding_intact() const {
    const int used = plane_.view.width * plane_.view.channels * plane_.view.bytes_per_sample();
    for (int y = 0; y < plane_.view.height; ++y) {
      for (std::ptrdiff_t x = used; x < plane_.view.stride; ++x) {
        if (bytes_[static_cast<std::size_t>(plane_.view.stride * y + x)] != 0x5A) return false;
      }
    }
    return true;
  }

 private:
  static constexpr int kPad = 6;
  std::vector<std::uint8_t> bytes_;
  std::vector<std::uint8_t> before_;
  PaintPlane plane_;
};

inline Style style_of(StyleKind kind) {
  Style style;
  style.kind = kind;
  style.fill_rgb = {100, 100, 100};
  if (kind == StyleKind::image) {
    auto image = std::make_shared<media::RgbImage>();
    image->size = {2, 2};
    image->pixels = {10, 10, 10, 80, 80, 80, 150, 150, 150, 220, 220, 220};
    style.image = image;
  }
  return style;
}

inline void paint_one(TestPlane& plane, const std::vector<PaintArea>& areas, const Style& style,
                      const std::vector<media::Box>& protect = {},
                      const media::Orientation& orientation = {}) {
  paint_planes({&plane.plane(), 1}, plane.size(), orientation, areas, protect, style);
}

}  // namespace sightline::anonymize::testing
