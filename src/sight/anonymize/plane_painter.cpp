#include "sight/anonymize/plane_painter.h"

#include <algorithm>
#include <limits>

namespace sightline::anonymize {

namespace {

/// One area, ready to be drawn on one plane.
struct Placed {
  Mask mask;
  Content content;
};

/// Sums over the areas that reach into one row.
struct Row {
  std::vector<float> strongest;             ///< the largest strength of any area
  std::vector<float> weight;                ///< sum of the shares
  std::vector<std::vector<float>> content;  ///< a channel: sum of share times content
  std::vector<float> strength;              ///< of the area at hand, as the two below
  std::vector<float> share;
  std::vector<float> values;
};

void clear(Row& row, int x0, int x1) {
  std::fill(row.strongest.begin() + x0, row.strongest.begin() + x1, 0.0F);
  std::fill(row.weight.begin() + x0, row.weight.begin() + x1, 0.0F);
  for (auto& sums : row.content) std::fill(sums.begin() + x0, sums.begin() + x1, 0.0F);
}

void add(const Placed& area, int y, Row& row) {
  const Rect& rect = area.mask.rect();
  const auto count = static_cast<std::size_t>(rect.width());
  const auto first = static_cast<std::size_t>(rect.x0);
  area.mask.coverage(y, row.strength.data(), row.share.data());
  const float* strength = row.strength.data();
  float* share = row.share.data();
  float* strongest = row.strongest.data() + first;
  float* weight = row.weight.data() + first;
  const float counts = area.content.weight();
  for (std::size_t i = 0; i < count; ++i) {
    strongest[i] = std::max(strongest[i], strength[i]);
    share[i] *= counts;
    weight[i] += share[i];
  }
  const float* values = row.values.data();
  for (std::size_t channel = 0; channel < row.content.size(); ++channel) {
    area.content.row(y, channel, row.values.data());
    float* sums = row.content[channel].data() + first;
    for (std::size_t i = 0; i < count; ++i) sums[i] += share[i] * values[i];
  }
}

/// before * keep + content * gain, with one pair of factors a sample; where nothing is painted that is
/// `before` exactly, since samples are whole numbers below 2^24. Without a branch, so that it vectorises.
template <typename Sample>
void write(const media::PlaneView& view, int y, int x0, int x1, Row& row) {
  const auto step = static_cast<std::size_t>(view.channels);
  const auto largest = static_cast<float>((1 << view.bit_depth) - 1);
  const auto count = static_cast<std::size_t>(x1 - x0);
  const auto first = static_cast<std::size_t>(x0);
  const float* strongest = row.strongest.data() + first;
  float* gain = row.weight.data() + first;
  for (std::size_t i = 0; i < count; ++i) {
    gain[i] = strongest[i] / std::max(gain[i], std::numeric_limits<float>::min());
  }
  for (std::size_t channel = 0; channel < row.content.size(); ++channel) {
    auto* samples = reinterpret_cast<Sample*>(view.row(y)) + first * step + channel;
    const float* sums = row.content[channel].data() + first;
    for (std::size_t i = 0; i < count; ++i) {
      const float painted = static_cast<float>(samples[i * step]) * (1.0F - strongest[i]) + sums[i] * gain[i];
      // NOLINTNEXTLINE(bugprone-incorrect-roundings): never negative here, and std::lround is not vectorised
      samples[i * step] = static_cast<Sample>(std::clamp(painted, 0.0F, largest) + 0.5F);
    }
  }
}

void paint_row(const PaintPlane& plane, int y, std::span<const Placed> areas, std::span<const Rect> protect,
               Row& row) {
  // The areas are sorted by their left side: those that touch form runs, and each run is drawn by itself.
  const auto draw = [&](int x0, int x1) {
    for (const Rect& kept : protect) {
      if (y < kept.y0 || y >= kept.y1) continue;
      const int from = std::clamp(kept.x0, x0, x1);
      const int to = std::clamp(kept.x1, from, x1);
      std::fill(row.strongest.begin() + from, row.strongest.begin() + to, 0.0F);
    }
    if (plane.view.bytes_per_sample() == 1) {
      write<std::uint8_t>(plane.view, y, x0, x1, row);
    } else {
      write<std::uint16_t>(plane.view, y, x0, x1, row);
    }
  };
  int x0 = 0;
  int x1 = 0;
  for (const Placed& area : areas) {
    const Rect& rect = area.mask.rect();
    if (y < rect.y0 || y >= rect.y1) continue;
    if (rect.x0 >= x1) {
      if (x1 > x0) draw(x0, x1);
      x0 = x1 = rect.x0;
    }
    if (rect.x1 > x1) {
      clear(row, x1, rect.x1);
      x1 = rect.x1;
    }
    add(area, y, row);
  }
  if (x1 > x0) draw(x0, x1);
}

void paint_plane(const PaintPlane& plane, std::span<const Shape> shapes, std::span<const media::Box> protect,
                 const Style& style, const media::Orientation& orientation) {
  std::vector<Mask> masks;
  std::vector<Rect> painted;
  for (const Shape& shape : shapes) {
    masks.emplace_back(shape, plane.sampling());
    painted.push_back(masks.back().rect());
  }
  std::vector<Placed> areas;
  areas.reserve(shapes.size());
  int top = plane.view.height;
  int bottom = 0;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    const Rect rect = painted[i];
    if (rect.empty()) continue;
    areas.push_back({std::move(masks[i]), Content(plane, rect, painted, shapes[i], style, orientation)});
    top = std::min(top, rect.y0);
    bottom = std::max(bottom, rect.y1);
  }
  std::sort(areas.begin(), areas.end(),
            [](const Placed& a, const Placed& b) { return a.mask.rect().x0 < b.mask.rect().x0; });
  std::vector<Rect> kept;
  for (const media::Box& box : protect) kept.push_back(touched(box, plane.sampling()));

  const auto width = static_cast<std::size_t>(plane.view.width);
  Row row{std::vector<float>(width),
          std::vector<float>(width),
          std::vector<std::vector<float>>(plane.channels.size(), std::vector<float>(width)),
          std::vector<float>(width),
          std::vector<float>(width),
          std::vector<float>(width)};
  for (int y = top; y < bottom; ++y) paint_row(plane, y, areas, kept, row);
}

std::vector<Shape> shapes_of(media::Size size, const media::Orientation& orientation,
                             std::span<const PaintArea> areas, const Style& style) {
  std::vector<Shape> shapes;
  if (style.kind == StyleKind::none) return shapes;
  shapes.reserve(areas.size());
  for (const PaintArea& area : areas) {
    const media::Box stored = orientation.to_stored(area.box, size);
    if (const auto shape = shape_of(stored, area.region, style, size)) shapes.push_back(*shape);
  }
  return shapes;
}

}  // namespace

void paint_planes(std::span<const PaintPlane> planes, media::Size size, const media::Orientation& orientation,
                  std::span<const PaintArea> areas, std::span<const media::Box> protect, const Style& style) {
  const std::vector<Shape> shapes = shapes_of(size, orientation, areas, style);
  if (shapes.empty()) return;
  std::vector<media::Box> kept;
  for (const media::Box& box : protect) kept.push_back(orientation.to_stored(box, size));
  for (const PaintPlane& plane : planes) paint_plane(plane, shapes, kept, style, orientation);
}

bool anything_to_paint(media::Size size, const media::Orientation& orientation,
                       std::span<const PaintArea> areas, const Style& style) {
  return !shapes_of(size, orientation, areas, style).empty();
}

}  // namespace sightline::anonymize
