#include "sight/anonymize/content.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace sightline::anonymize {

namespace {

/// Side of the default blur's cells, in widths of the painted rectangle. Chosen by measurement, as is the
/// veil below: docs/benchmarks/anonymity.md.
constexpr double kBlurCell = 2.0;
/// Smaller cells than this are never drawn by blur, however small the face.
constexpr double kLeastBlurCell = 4.0;
/// Longest side, in samples, of what is summed of a cell: larger ones are averaged over every n-th row.
constexpr std::size_t kRowsOfCell = 32;
/// The veil over a blur. Share of the colour that is taken out;
/// height of the bumps in steps of the 8-bit scale; bumps across the painted rectangle, light and dark.
constexpr float kFaded = 0.4F;
constexpr float kBumpHeight = 10.0F;
constexpr double kBumps = 10.0;
/// Width over height of a usual face box.
constexpr double kFaceAspect = 0.75;

int cell_count(int samples, double cell) {
  const double count = std::round(samples / std::max(cell, 1.0));
  return static_cast<int>(std::clamp(count, 1.0, static_cast<double>(samples)));
}

/// `rect` with one more cell on each side, as far as the plane goes.
Rect widened(const Rect& rect, double cell_x, double cell_y, const media::PlaneView& view) {
  const int by_x = static_cast<int>(std::min(cell_x, 1e6));
  const int by_y = static_cast<int>(std::min(cell_y, 1e6));
  return {std::max(0, rect.x0 - by_x), std::max(0, rect.y0 - by_y), std::min(view.width, rect.x1 + by_x),
          std::min(view.height, rect.y1 + by_y)};
}

/// Alternating bumps along one axis of the painted rectangle, -1..1.
std::vector<float> bumps(int first, int last, int shift, double center, double outer) {
  std::vector<float> out;
  for (int i = first; i < last; ++i) {
    const double luma = (i + 0.5) * (1 << shift);
    out.push_back(static_cast<float>(std::sin((luma - center) / outer * std::numbers::pi * kBumps / 2)));
  }
  return out;
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
  return std::max(kLeastBlurCell, across * kBlurCell * static_cast<double>(style.strength));
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
    : rect_(rect), source_(rect), smooth_(style.kind == StyleKind::blur), cells_(plane.channels.size()) {
  int columns = 1;
  int rows = 1;
  if (style.kind == StyleKind::image) {
    columns = rect.width();
    rows = rect.height();
  } else if (style.kind == StyleKind::blur || style.kind == StyleKind::pixelate) {
    const bool swapped = orientation.swaps_axes();
    const double cell = cell_side(2 * (swapped ? shape.outer_y : shape.outer_x),
                                  2 * (swapped ? shape.outer_x : shape.outer_y), style);
    const double cell_x = cell / (1 << plane.shift_x);
    const double cell_y = cell / (1 << plane.shift_y);
    if (smooth_) source_ = widened(rect, cell_x, cell_y, plane.view);
    columns = cell_count(source_.width(), cell_x);
    rows = cell_count(source_.height(), cell_y);
  }
  across_ = Axis(source_.width(), columns);
  down_ = Axis(source_.height(), rows);
  cell_of_row_.resize(static_cast<std::size_t>(source_.height()));
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
  if (smooth_) veil(plane, shape);
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
        const auto* row = reinterpret_cast<const Sample*>(view.row(source_.y0 + static_cast<int>(y))) +
                          static_cast<std::size_t>(source_.x0) * step + channel;
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

void Content::veil(const PaintPlane& plane, const Shape& shape) {
  const std::size_t cell_total = cells_[0].size();
  if (cells_.size() >= 3) {  // red, green, blue, or inks: towards the cell's own grey
    for (std::size_t i = 0; i < cell_total; ++i) {
      const float grey = 0.299F * cells_[0][i] + 0.587F * cells_[1][i] + 0.114F * cells_[2][i];
      for (std::size_t c = 0; c < 3; ++c) cells_[c][i] += kFaded * (grey - cells_[c][i]);
    }
  }
  constexpr std::uint8_t kBlack[3] = {0, 0, 0};
  constexpr std::uint8_t kWhite[3] = {255, 255, 255};
  for (std::size_t channel = 0; channel < cells_.size(); ++channel) {
    const FromRgb& from_rgb = plane.channels[channel];
    const float black = from_rgb(kBlack);
    const float white = from_rgb(kWhite);
    const float height = (white - black) / 255.0F * kBumpHeight;
    bump_height_.push_back(height);
    if (std::abs(height) < 0.01F && cells_.size() == 1) {
      // A plane of colour differences: grey is its middle.
      for (float& cell : cells_[channel]) cell += kFaded * (black - cell);
    } else if (std::abs(height) >= 0.01F) {
      const auto [low, high] = std::minmax({black + height, white - height});
      for (float& cell : cells_[channel]) cell = std::clamp(cell, low, high);
    }
  }
  bumps_across_ = bumps(rect_.x0, rect_.x1, plane.shift_x, shape.center_x, shape.outer_x);
  bumps_down_ = bumps(rect_.y0, rect_.y1, plane.shift_y, shape.center_y, shape.outer_y);
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
  const auto at = static_cast<std::size_t>(y - source_.y0);
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
  const auto first = static_cast<std::size_t>(rect_.x0 - source_.x0);
  const std::size_t last = first + static_cast<std::size_t>(rect_.width());
  const float bump = bump_height_[channel] * bumps_down_[static_cast<std::size_t>(y - rect_.y0)];
  float left = mixed(0);
  float middle = left;
  for (std::size_t k = 0; k < columns; ++k) {
    const float right = k + 1 < columns ? mixed(k + 1) : middle;
    const std::size_t end = std::min(across_.edges[k + 1], last);
    for (std::size_t i = std::max(across_.edges[k], first); i < end; ++i) {
      out[i - first] = across_.before[i] * left + across_.own[i] * middle + across_.behind[i] * right +
                       bump * bumps_across_[i - first];
    }
    left = middle;
    middle = right;
  }
}

}  // namespace sightline::anonymize
