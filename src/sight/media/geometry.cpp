#include "sight/media/geometry.h"

namespace sightline::media {
namespace {

/// One clockwise quarter turn of a box inside a picture of `size`.
Box turned(const Box& box, Size size) {
  return {static_cast<float>(size.height) - box.bottom(), box.x, box.height, box.width};
}

Box mirrored(const Box& box, Size size) {
  return {static_cast<float>(size.width) - box.right(), box.y, box.width, box.height};
}

}  // namespace

Box Orientation::to_displayed(const Box& stored_box, Size stored) const {
  Box box = mirrored ? media::mirrored(stored_box, stored) : stored_box;
  Size size = stored;
  for (int i = 0; i < quarter_turns; ++i) {
    box = turned(box, size);
    std::swap(size.width, size.height);
  }
  return box;
}

Box Orientation::to_stored(const Box& displayed_box, Size stored) const {
  Box box = displayed_box;
  Size size = displayed(stored);
  for (int i = quarter_turns; i < 4 && quarter_turns > 0; ++i) {
    box = turned(box, size);
    std::swap(size.width, size.height);
  }
  return mirrored ? media::mirrored(box, stored) : box;
}

Orientation orientation_from_exif(int value) {
  switch (value) {
    case 2:
      return {true, 0};
    case 3:
      return {false, 2};
    case 4:
      return {true, 2};
    case 5:
      return {true, 3};
    case 6:
      return {false, 1};
    case 7:
      return {true, 1};
    case 8:
      return {false, 3};
    default:
      return {};
  }
}

int exif_from_orientation(const Orientation& orientation) {
  constexpr int kPlain[4] = {1, 6, 3, 8};
  constexpr int kMirrored[4] = {2, 7, 4, 5};
  return (orientation.mirrored ? kMirrored : kPlain)[orientation.quarter_turns & 3];
}

}  // namespace sightline::media
