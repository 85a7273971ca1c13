#include "sight/anonymize/content.h"

#include <algorithm>
#include <cmath>

namespace sightline::anonymize {

namespace {

/// Cells of the default blur across the painted rectangle. Chosen by measurement: docs/anonymity.md.
constexpr double kBlurCells = 5.0;
/// Smaller cells than this are never drawn by blur, however small the face.
constexpr double kLeastBlurCell = 4.0;
/// Width over height of a usual face box.
constexpr double kFaceAspect = 0.75;

int cell_count(double length, double cell, int samples) {
  const double count = std::round(length / std::max(cell, 1.0));
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
  if (style.kind == StyleKind::pixelate) return across / style.blocks;
  return std::max(kLeastBlurCell, across * static_cast<double>(style.strength) / kBlurCells);
}

Content::Axis::Axis(int samples, int cell_count) {
  const auto count = static_cast<std::size_t>(samples);
  const auto cell_total = static_cast<std::size_t>(cell_count);
  edges.resize(cell_total + 1);
  for (std::size_t k = 0; k <= cell_total; ++k) edges[k] = (2 * k * count + cell_total) / (2 * cell_total);
  before.resize(count);
  own.resize(count);
  behind.resize(count);
  for (std::size_t k = 0; k < cell_total; ++k) {
    for (std::size_t i = edges[k]; i < edges[k + 1]; ++i) {
      const double d = (static_cast<double>(i) + 0.5) * cell_count / samples - static_cast<double>(k) - 0.5;
      before[i] = static_cast<float>(0.5 * (0.5 - d) * (0.5 - d));
      own[i] = static_cast<float>(0.75 - d * d);
      behind[i] = static_cast<float>(0.5 * (0.5 + d) * (0.5 + d));
    }
  }
}

Content::Content(const PaintPlane& plane, const Rect& rect, const Shape& shape, const Style& style,
                 const media::Orientation& orientation)
    : rect_(rect), smooth_(style.kind == StyleKind::blur), cells_(plane.channels.size()) {
  int columns = 1;
  int rows = 1;
  if (style.kind == StyleKind::image) {
    columns = rect.width();
    rows = rect.height();
  } else if (style.kind == StyleKind::blur || style.kind == StyleKind::pixelate) {
    const bool swapped = orientation.swaps_axes();
    const double cell = cell_side(2 * (swapped ? shape.outer_y : shape.outer_x),
                                  2 * (swapped ? shape.outer_x : shape.outer_y), style);
    columns = cell_count(static_cast<double>(rect.width()) * (1 << plane.shift_x), cell, rect.width());
    rows = cell_count(static_cast<double>(rect.height()) * (1 << plane.shift_y), cell, rect.height());
  }
  across_ = Axis(rect.width(), columns);
  down_ = Axis(rect.height(), rows);
  cell_of_row_.resize(static_cast<std::size_t>(rect.height()));
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
      std::fill(sums.begin(), sums.end(), 0);
      for (std::size_t y = from; y < to; ++y) {
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
        const auto count = static_cast<double>((across_.edges[i + 1] - across_.edges[i]) * (to - from));
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
        const double luma_x = (x + (probe % kProbes + 0.5) / kProbes) * (1 << plane.shift_x);
        const double luma_y = (y + (probe / kProbes + 0.5) / kProbes) * (1 << plane.shift_y);
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
  const auto at = static_cast<std::size_t>(y - rect_.y0);
  const std::size_t columns = across_.cells();
  const std::size_t cell_row = cell_of_row_[at];
  const float* own = cells_[channel].data() + cell_row * columns;
  if (!smooth_) {
    for (std::size_t k = 0; k < columns; ++k) {
      std::fill(out + across_.edges[k], out + across_.edges[k + 1], own[k]);
    }
    return;
  }
  // Beyond the border the outermost cells go on.
  const float* above = cell_row > 0 ? own - columns : own;
  const float* below = cell_row + 1 < down_.cells() ? own + columns : own;
  const auto mixed = [&](std::size_t k) {
    return down_.before[at] * above[k] + down_.own[at] * own[k] + down_.behind[at] * below[k];
  };
  float left = mixed(0);
  float middle = left;
  for (std::size_t k = 0; k < columns; ++k) {
    const float right = k + 1 < columns ? mixed(k + 1) : middle;
    const std::size_t end = across_.edges[k + 1];
    for (std::size_t i = across_.edges[k]; i < end; ++i) {
      out[i] = across_.before[i] * left + across_.own[i] * middle + across_.behind[i] * right;
    }
    left = middle;
    middle = right;
  }
}

}  // namespace sightline::anonymize
