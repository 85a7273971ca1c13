#include "sight/anonymize/surroundings.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace sightline::anonymize {

namespace {

/// Cells across the painted rectangle at the default strength, and never more than that at any.
constexpr double kCells = 6.0;
constexpr double kMostCells = 24.0;
/// A cell is at least that many luma samples wide, so that its mean is one of several samples.
constexpr double kLeastCell = 4.0;
/// Longest side, in samples, of what is summed of a cell: of larger ones every n-th row is read.
constexpr double kRowsReadOfCell = 16.0;
/// How strongly neighbouring cells are drawn to each other, against 1 for a cell's own mean; and all cells to
/// grey, which decides only where nothing can be read.
constexpr float kStiffness = 0.05F;
constexpr float kGreyPull = 1e-5F;

/// Calls use(from, to) for the parts of [x0, x1) of row y that none of `painted` covers.
template <typename Use>
void for_each_free_run(int y, int x0, int x1, std::span<const Rect> painted, Use&& use) {
  while (x0 < x1) {
    int free_until = x1;
    int covered_until = x0;
    for (const Rect& rect : painted) {
      if (y < rect.y0 || y >= rect.y1 || rect.x1 <= x0) continue;
      if (rect.x0 <= x0) {
        covered_until = std::max(covered_until, rect.x1);
      } else {
        free_until = std::min(free_until, rect.x0);
      }
    }
    if (covered_until > x0) {
      x0 = covered_until;
    } else {
      use(x0, free_until);
      x0 = free_until;
    }
  }
}

/// The membrane through a grid's cells, found by successive over-relaxation in always as many steps, so that
/// the same input gives the same result. One for all channels of a plane. Cells are kept with a border of
/// zeros.
class Membrane {
 public:
  /// `known`: what a cell's given value is worth, 0..1.
  Membrane(std::span<const float> known, std::size_t columns, std::size_t rows)
      : known_(known), columns_(columns), rows_(rows), cells_((columns + 2) * (rows + 2)) {
    for (std::size_t i = 0; i < known.size(); ++i) {
      const std::size_t x = i % columns;
      const std::size_t y = i / columns;
      const int around = (x > 0) + (x + 1 < columns) + (y > 0) + (y + 1 < rows);
      scale_.push_back(1.0F / (known[i] + kStiffness * static_cast<float>(around) + kGreyPull));
    }
  }

  /// Replaces `cells`, the given values, by those of the membrane.
  void stretch(std::span<float> cells, float grey) {
    float sum = grey * kGreyPull;
    float weight = kGreyPull;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      sum += known_[i] * cells[i];
      weight += known_[i];
    }
    for (std::size_t y = 1; y <= rows_; ++y) {
      const auto row = cells_.begin() + static_cast<std::ptrdiff_t>(y * (columns_ + 2) + 1);
      std::fill(row, row + static_cast<std::ptrdiff_t>(columns_), sum / weight);
    }
    const std::size_t longest = std::max(columns_, rows_);
    const double angle = std::numbers::pi / static_cast<double>(longest);
    const auto step = static_cast<float>(2.0 / (1.0 + std::sin(angle)));
    for (std::size_t pass = 0; pass < 2 * longest; ++pass) relax(cells, grey, step);
    for (std::size_t i = 0; i < cells.size(); ++i)
      cells[i] = cells_[(i / columns_ + 1) * (columns_ + 2) + i % columns_ + 1];
  }

 private:
  void relax(std::span<const float> given, float grey, float step) {
    const std::size_t stride = columns_ + 2;
    for (std::size_t y = 0; y < rows_; ++y) {
      float* cell = cells_.data() + (y + 1) * stride + 1;
      for (std::size_t x = 0; x < columns_; ++x, ++cell) {
        const std::size_t at = y * columns_ + x;
        const float around = *(cell - stride) + *(cell + stride) + cell[1] + cell[-1];
        const float target = (known_[at] * given[at] + kStiffness * around + kGreyPull * grey) * scale_[at];
        *cell += step * (target - *cell);
      }
    }
  }

  std::span<const float> known_;
  std::size_t columns_;
  std::size_t rows_;
  std::vector<float> scale_;  ///< one over the sum of a cell's weights
  std::vector<float> cells_;
};

}  // namespace

Surroundings::Axis::Axis(int first, int last, int shift, double center, double outer, double strength) {
  const double sample = 1 << shift;  // in luma samples
  const double most = std::clamp(std::round(kCells / strength), 1.0, kMostCells);
  const double inside = std::clamp(std::floor(2 * outer / kLeastCell), 1.0, most);
  const double width = 2 * outer / inside;
  const double ring = std::max(width, kLeastCell);
  const double low = center - outer;
  const auto count = static_cast<std::size_t>(inside);
  for (std::size_t k = 0; k < count + 2; ++k) {
    const double begin = k == 0 ? low - ring : low + static_cast<double>(k - 1) * width;
    const double end = k == 0 ? low : k == count + 1 ? begin + ring : begin + width;
    from.push_back(std::round(begin / sample));
    to.push_back(std::round(end / sample));
  }
  for (auto* weights : {&before, &own, &behind}) weights->reserve(static_cast<std::size_t>(last - first));
  cell.reserve(static_cast<std::size_t>(last - first));
  for (int i = first; i < last; ++i) {
    const double at = ((i + 0.5) * sample - low) / width;
    const double k = std::clamp(std::floor(at), 0.0, inside - 1.0);
    const double d = std::clamp(at - k - 0.5, -0.5, 0.5);
    cell.push_back(static_cast<std::size_t>(k) + 1);
    while (edges.size() < cell.back()) edges.push_back(static_cast<std::size_t>(i - first));
    before.push_back(static_cast<float>(0.5 * (0.5 - d) * (0.5 - d)));
    own.push_back(static_cast<float>(0.75 - d * d));
    behind.push_back(static_cast<float>(0.5 * (0.5 + d) * (0.5 + d)));
  }
  edges.resize(count + 1, cell.size());
}

Surroundings::Surroundings(const PaintPlane& plane, const Rect& rect, const Shape& shape,
                           std::span<const Rect> painted, double strength)
    : rect_(rect),
      across_(rect.x0, rect.x1, plane.shift_x, shape.center_x, shape.outer_x, strength),
      down_(rect.y0, rect.y1, plane.shift_y, shape.center_y, shape.outer_y, strength),
      cells_(plane.channels.size(), std::vector<float>(across_.cells() * down_.cells())) {
  std::vector<Rect> near;
  for (const Rect& other : painted) {
    if (other.x1 > across_.from.front() && other.x0 < across_.to.back() && other.y1 > down_.from.front() &&
        other.y0 < down_.to.back())
      near.push_back(other);
  }
  std::vector<float> known(across_.cells() * down_.cells());
  if (plane.view.bytes_per_sample() == 1) {
    read_ring<std::uint8_t>(plane, near, known);
  } else {
    read_ring<std::uint16_t>(plane, near, known);
  }
  for (const float share : known) seen_ += share;
  seen_ /= static_cast<float>(2 * (across_.cells() + down_.cells()) - 4);
  constexpr std::uint8_t kGrey[3] = {128, 128, 128};
  Membrane membrane(known, across_.cells(), down_.cells());
  for (std::size_t channel = 0; channel < cells_.size(); ++channel) {
    membrane.stretch(cells_[channel], plane.channels[channel](kGrey));
  }
}

template <typename Sample>
void Surroundings::read_ring(const PaintPlane& plane, std::span<const Rect> painted,
                             std::vector<float>& known) {
  const media::PlaneView& view = plane.view;
  const auto step = static_cast<std::size_t>(view.channels);
  const auto clipped = [](double at, int most) {
    return static_cast<int>(std::clamp(at, 0.0, static_cast<double>(most)));
  };
  std::vector<std::uint64_t> sums(cells_.size());
  for (std::size_t at = 0; at < known.size(); ++at) {
    const std::size_t column = at % across_.cells();
    const std::size_t line = at / across_.cells();
    const bool inside = column > 0 && column + 1 < across_.cells() && line > 0 && line + 1 < down_.cells();
    if (inside) continue;
    const double width = across_.to[column] - across_.from[column];
    const double height = down_.to[line] - down_.from[line];
    const int x0 = clipped(across_.from[column], view.width);
    const int x1 = clipped(across_.to[column], view.width);
    const int y1 = clipped(down_.to[line], view.height);
    const int row_step = static_cast<int>(std::clamp(std::ceil(height / kRowsReadOfCell), 1.0, 1e6));
    std::fill(sums.begin(), sums.end(), 0);
    std::uint64_t count = 0;
    for (int y = clipped(down_.from[line], view.height); y < y1; y += row_step) {
      for_each_free_run(y, x0, x1, painted, [&](int from, int to) {
        const auto* row = reinterpret_cast<const Sample*>(view.row(y));
        for (std::size_t channel = 0; channel < sums.size(); ++channel) {
          std::uint32_t sum = 0;  // a row of a picture has fewer than 2^16 samples of 16 bit
          for (int x = from; x < to; ++x) sum += row[static_cast<std::size_t>(x) * step + channel];
          sums[channel] += sum;
        }
        count += static_cast<std::uint64_t>(to - from);
      });
    }
    if (count == 0) continue;
    known[at] = static_cast<float>(std::min(1.0, static_cast<double>(count) * row_step / (width * height)));
    for (std::size_t channel = 0; channel < sums.size(); ++channel) {
      cells_[channel][at] =
          static_cast<float>(static_cast<double>(sums[channel]) / static_cast<double>(count));
    }
  }
}

void Surroundings::row(int y, std::size_t channel, float* out) const {
  const auto line = static_cast<std::size_t>(y - rect_.y0);
  const std::size_t columns = across_.cells();
  const float* own = cells_[channel].data() + down_.cell[line] * columns;
  const float* above = own - columns;
  const float* below = own + columns;
  const auto mixed = [&](std::size_t k) {
    return down_.before[line] * above[k] + down_.own[line] * own[k] + down_.behind[line] * below[k];
  };
  float left = mixed(0);
  float middle = mixed(1);
  for (std::size_t k = 1; k + 1 < columns; ++k) {
    const float right = mixed(k + 1);
    for (std::size_t i = across_.edges[k - 1]; i < across_.edges[k]; ++i)
      out[i] = across_.before[i] * left + across_.own[i] * middle + across_.behind[i] * right;
    left = middle;
    middle = right;
  }
}

}  // namespace sightline::anonymize
