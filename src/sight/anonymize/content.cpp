#include "sight/anonymize/content.h"

#include <algorithm>
#include <cmath>

namespace sightline::anonymize {

namespace {

/// Longest side, in samples, of what is summed of a cell: larger ones are averaged over every n-th row.
constexpr std::size_t kRowsOfCell = 32;
/// Of a blur that could see nothing around it: wherever another one lies over it that one is seen.
constexpr float kLeastWeight = 1e-3F;
/// Width over height of a usual face box.
constexpr double kFaceAspect = 0.75;

int cell_count(int samples, double cell) {
  const double count = std::round(samples / std::max(cell, 1.0));
  return static_cast<int>(std::clamp(count, 1.0, static_cast<double>(samples)));
}

/// The point of the displayed rectangle that a point of the stored one becomes; both in 0..1.
std::pair<double, double> turned(double x, double y, const media::Orientation& orientation) {
  if (orientation.mirrored) x = 1.0 - x;
  for (int turn = 0; turn < orientation.quarter_turns; ++turn) {
    const double old_x = x;
    x = 1.0 - y;
    y = old_x;
  }
  return {x, y};
}

const std::uint8_t* pixel_at(const media::RgbImage& image, double x, double y) {
  const int column = std::clamp(static_cast<int>(x * image.size.width), 0, image.size.width - 1);
  const int row = std::clamp(static_cast<int>(y * image.size.height), 0, image.size.height - 1);
  return image.row(row) + static_cast<std::ptrdiff_t>(column) * 3;
}

}  // namespace

double cell_side(double displayed_width, double displayed_height, const Style& style) {
  const double across = std::max(displayed_width, kFaceAspect * displayed_height);
  return across / style.blocks;
}

Content::Axis::Axis(int samples, int cell_count) {
  const auto count = static_cast<std::size_t>(samples);
  const auto cell_total = static_cast<std::size_t>(cell_count);
  edges.resize(cell_total + 1);
  for (std::size_t k = 0; k <= cell_total; ++k) edges[k] = (2 * k * count + cell_total) / (2 * cell_total);
}

Content::Content(const PaintPlane& plane, const Rect& rect, std::span<const Rect> painted, const Shape& shape,
                 const Style& style, const media::Orientation& orientation)
    : rect_(rect), cells_(plane.channels.size()) {
  if (style.kind == StyleKind::blur) {
    surroundings_ = std::make_unique<const Surroundings>(plane, rect, shape, painted,
                                                         static_cast<double>(style.strength));
    return;
  }
  int columns = 1;
  int rows = 1;
  if (style.kind == StyleKind::image) {
    columns = rect.width();
    rows = rect.height();
  } else if (style.kind == StyleKind::pixelate) {
    const bool swapped = orientation.swaps_axes();
    const double cell = cell_side(2 * (swapped ? shape.outer_y : shape.outer_x),
                                  2 * (swapped ? shape.outer_x : shape.outer_y), style);
    const double cell_x = cell / (1 << plane.shift_x);
    const double cell_y = cell / (1 << plane.shift_y);
    columns = cell_count(rect_.width(), cell_x);
    rows = cell_count(rect_.height(), cell_y);
  }
  across_ = Axis(rect_.width(), columns);
  down_ = Axis(rect_.height(), rows);
  cell_of_row_.resize(static_cast<std::size_t>(rect_.height()));
  for (std::size_t k = 0; k < down_.cells(); ++k) {
    for (std::size_t i = down_.edges[k]; i < down_.edges[k + 1]; ++i) cell_of_row_[i] = k;
  }
  for (auto& cells : cells_) cells.resize(across_.cells() * down_.cells());

  if (style.kind == StyleKind::image) {
    stretch(plane, shape, *style.image, orientation);
  } else if (style.kind == StyleKind::solid || style.kind == StyleKind::none) {
    fill(plane, style.fill_rgb.data());
  } else if (plane.view.bytes_per_sample() == 1) {
    average<std::uint8_t>(plane.view);
  } else {
    average<std::uint16_t>(plane.view);
  }
}

template <typename Sample>
void Content::average(const media::PlaneView& view) {
  const std::size_t columns = across_.cells();
  const auto step = static_cast<std::size_t>(view.channels);
  std::vector<std::uint64_t> sums(columns);
  for (std::size_t channel = 0; channel < cells_.size(); ++channel) {
    for (std::size_t cell_row = 0; cell_row < down_.cells(); ++cell_row) {
      const std::size_t from = down_.edges[cell_row];
      const std::size_t to = down_.edges[cell_row + 1];
      const std::size_t row_step = (to - from + kRowsOfCell - 1) / kRowsOfCell;
      std::size_t summed = 0;
      std::fill(sums.begin(), sums.end(), 0);
      for (std::size_t y = from; y < to; y += row_step, ++summed) {
        const auto* row = reinterpret_cast<const Sample*>(view.row(rect_.y0 + static_cast<int>(y))) +
                          static_cast<std::size_t>(rect_.x0) * step + channel;
        for (std::size_t i = 0; i < columns; ++i) {
          std::uint32_t sum = 0;  // a row of a picture has fewer than 2^16 samples of 16 bit
          for (std::size_t x = across_.edges[i]; x < across_.edges[i + 1]; ++x) sum += row[x * step];
          sums[i] += sum;
        }
      }
      float* out = cells_[channel].data() + cell_row * columns;
      for (std::size_t i = 0; i < columns; ++i) {
        const auto count = static_cast<double>((across_.edges[i + 1] - across_.edges[i]) * summed);
        out[i] = static_cast<float>(static_cast<double>(sums[i]) / count);
      }
    }
  }
}

void Content::fill(const PaintPlane& plane, const std::uint8_t* rgb) {
  for (std::size_t channel = 0; channel < cells_.size(); ++channel) {
    cells_[channel][0] = plane.channels[channel](rgb);
  }
}

void Content::stretch(const PaintPlane& plane, const Shape& shape, const media::RgbImage& image,
                      const media::Orientation& orientation) {
  const double left = shape.center_x - shape.outer_x;
  const double top = shape.center_y - shape.outer_y;
  constexpr int kProbes = 3;  // along each axis, averaged, for each sample
  std::size_t at = 0;
  for (int y = rect_.y0; y < rect_.y1; ++y) {
    for (int x = rect_.x0; x < rect_.x1; ++x, ++at) {
      for (int probe = 0; probe < kProbes * kProbes; ++probe) {
        const int across = probe % kProbes;
        const int down = probe / kProbes;
        const double luma_x = (x + (across + 0.5) / kProbes) * (1 << plane.shift_x);
        const double luma_y = (y + (down + 0.5) / kProbes) * (1 << plane.shift_y);
        const auto [u, v] =
            turned((luma_x - left) / (2 * shape.outer_x), (luma_y - top) / (2 * shape.outer_y), orientation);
        const std::uint8_t* rgb = pixel_at(image, u, v);
        for (std::size_t channel = 0; channel < cells_.size(); ++channel) {
          cells_[channel][at] += plane.channels[channel](rgb) / (kProbes * kProbes);
        }
      }
    }
  }
}

void Content::row(int y, std::size_t channel, float* out) const {
  if (surroundings_) return surroundings_->row(y, channel, out);
  const std::size_t columns = across_.cells();
  const float* cells =
      cells_[channel].data() + cell_of_row_[static_cast<std::size_t>(y - rect_.y0)] * columns;
  for (std::size_t k = 0; k < columns; ++k) {
    std::fill(out + across_.edges[k], out + across_.edges[k + 1], cells[k]);
  }
}

float Content::weight() const {
  return surroundings_ ? std::max(surroundings_->seen(), kLeastWeight) : 1.0F;
}

}  // namespace sightline::anonymize
