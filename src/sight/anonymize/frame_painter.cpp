// paint() for video frames: luma and chroma planes as the decoder wrote them.
#include <algorithm>

#include "sight/anonymize/painter.h"
#include "sight/anonymize/plane_painter.h"

namespace sightline::anonymize {

namespace {

/// Luma's shares of red and blue: BT.709 for high definition, BT.601 below, as players assume where a clip
/// does not say. It decides the exact hue of a filled colour or image only.
struct Matrix {
  float red;
  float blue;
};
Matrix matrix_for(media::Size size) {
  return std::min(size.width, size.height) >= 720 ? Matrix{0.2126F, 0.0722F} : Matrix{0.299F, 0.114F};
}

/// Luma, blue difference, red difference from RGB of 0..255 (ITU-R BT.601, BT.709).
FromRgb from_rgb(int plane, const Matrix& m, bool full_range, int bit_depth) {
  const float green = 1.0F - m.red - m.blue;
  const auto largest = static_cast<float>((1 << bit_depth) - 1);
  const auto unit = static_cast<float>(1 << (bit_depth - 8));  // one step of the 8-bit scale
  if (plane == 0) {
    const float scale = (full_range ? largest : 219.0F * unit) / 255.0F;
    return {m.red * scale, green * scale, m.blue * scale, full_range ? 0.0F : 16.0F * unit};
  }
  const float scale = (full_range ? largest : 224.0F * unit) / 255.0F;
  const float middle = 128.0F * unit;
  if (plane == 1) {
    const float half = scale / (2.0F * (1.0F - m.blue));
    return {-m.red * half, -green * half, (1.0F - m.blue) * half, middle};
  }
  const float half = scale / (2.0F * (1.0F - m.red));
  return {(1.0F - m.red) * half, -green * half, -m.blue * half, middle};
}

}  // namespace

Result<void> paint(media::VideoFrame& frame, const media::Orientation& orientation,
                   std::span<const PaintArea> areas, std::span<const media::Box> protect,
                   const Style& style) {
  const media::Size size = frame.stored_size();
  if (!anything_to_paint(size, orientation, areas, style)) return {};
  TRY(frame.make_writable());
  const Matrix matrix = matrix_for(size);
  std::vector<PaintPlane> planes;
  for (int i = 0; i < 3; ++i) {
    PaintPlane plane;
    plane.view = frame.plane(i);
    plane.shift_x = i == 0 ? 0 : frame.chroma_shift_x();
    plane.shift_y = i == 0 ? 0 : frame.chroma_shift_y();
    plane.channels = {from_rgb(i, matrix, frame.full_range(), frame.bit_depth())};
    planes.push_back(std::move(plane));
  }
  paint_planes(planes, size, orientation, areas, protect, style);
  return {};
}

}  // namespace sightline::anonymize
