// paint() for still pictures: their samples as stored, in the file's own colour model.
#include "sight/anonymize/painter.h"
#include "sight/anonymize/plane_painter.h"

namespace sightline::anonymize {

namespace {

/// What a painted channel holds for an RGB value; alpha has none and stays as it is.
std::vector<FromRgb> channels_of(media::ColorModel model, int bit_depth) {
  const auto largest = static_cast<float>((1 << bit_depth) - 1);
  const float scale = largest / 255.0F;
  switch (model) {
    case media::ColorModel::gray:
    case media::ColorModel::gray_alpha:
      return {{0.299F * scale, 0.587F * scale, 0.114F * scale, 0}};
    case media::ColorModel::cmyk:  // ink is the absence of light; black needs no ink of its own
      return {{-scale, 0, 0, largest}, {0, -scale, 0, largest}, {0, 0, -scale, largest}, {0, 0, 0, 0}};
    case media::ColorModel::rgb:
    case media::ColorModel::rgb_alpha:
      break;
  }
  return {{scale, 0, 0, 0}, {0, scale, 0, 0}, {0, 0, scale, 0}};
}

}  // namespace

void paint(media::Picture& picture, std::span<const PaintArea> areas, std::span<const media::Box> protect,
           const Style& style) {
  PaintPlane plane;
  plane.view = picture.samples();
  plane.channels = channels_of(picture.color_model(), plane.view.bit_depth);
  paint_planes({&plane, 1}, picture.stored_size(), picture.orientation(), areas, protect, style);
}

}  // namespace sightline::anonymize
