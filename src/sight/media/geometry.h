#pragma once
// Sizes, boxes and orientations, shared by everything that sees.

#include <algorithm>

namespace sightline::media {

struct Size {
  int width = 0;
  int height = 0;
  friend bool operator==(const Size&, const Size&) = default;
};

struct Point {
  float x = 0;
  float y = 0;
};

/// An axis-aligned rectangle in pixels: left, top, width, height. May reach beyond the picture.
struct Box {
  float x = 0;
  float y = 0;
  float width = 0;
  float height = 0;

  [[nodiscard]] float right() const { return x + width; }
  [[nodiscard]] float bottom() const { return y + height; }
  [[nodiscard]] float area() const { return std::max(0.0F, width) * std::max(0.0F, height); }
  [[nodiscard]] Point center() const { return {x + width / 2, y + height / 2}; }
  friend bool operator==(const Box&, const Box&) = default;
};

[[nodiscard]] inline Box intersection(const Box& a, const Box& b) {
  const float x = std::max(a.x, b.x);
  const float y = std::max(a.y, b.y);
  return {x, y, std::max(0.0F, std::min(a.right(), b.right()) - x),
          std::max(0.0F, std::min(a.bottom(), b.bottom()) - y)};
}

/// Intersection over union, 0..1.
[[nodiscard]] inline float iou(const Box& a, const Box& b) {
  const float common = intersection(a, b).area();
  const float all = a.area() + b.area() - common;
  return all > 0 ? common / all : 0.0F;
}

/// Grows (or shrinks) around the centre by `factor` of each side, in sum: 0.5 makes it half as large again.
[[nodiscard]] inline Box grown(const Box& box, float factor) {
  return {box.x - box.width * factor / 2, box.y - box.height * factor / 2, box.width * (1 + factor),
          box.height * (1 + factor)};
}

/// How the stored samples must be turned for display; the EXIF orientations 1..8 (TIFF 6.0, tag 274).
/// Applied as: mirror left-right first, then rotate clockwise.
struct Orientation {
  bool mirrored = false;
  int quarter_turns = 0;  ///< clockwise, 0..3

  [[nodiscard]] bool swaps_axes() const { return quarter_turns % 2 != 0; }
  [[nodiscard]] Size displayed(Size stored) const {
    return swaps_axes() ? Size{stored.height, stored.width} : stored;
  }
  /// A box of the displayed picture, in pixels of the stored one.
  [[nodiscard]] Box to_stored(const Box& displayed_box, Size stored) const;
  /// The inverse of to_stored.
  [[nodiscard]] Box to_displayed(const Box& stored_box, Size stored) const;
  friend bool operator==(const Orientation&, const Orientation&) = default;
};

[[nodiscard]] Orientation orientation_from_exif(int value);
[[nodiscard]] int exif_from_orientation(const Orientation& orientation);

}  // namespace sightline::media
