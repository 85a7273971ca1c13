#include "sight/media/resample.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

// The row loops below carry the cost of reducing large photographs and gain three times by vectorising.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif

namespace sightline::media {
namespace {

std::uint8_t to8(std::uint16_t value) {
  return static_cast<std::uint8_t>((std::uint32_t{value} * 255 + 32'895) >> 16);
}

std::uint8_t product(unsigned a, unsigned b) {  // a * b / 255, rounded
  const unsigned p = a * b + 128;
  return static_cast<std::uint8_t>((p + (p >> 8)) >> 8);
}

std::uint8_t over_gray(unsigned value, unsigned alpha) {
  return static_cast<std::uint8_t>((value * alpha + 128 * (255 - alpha) + 127) / 255);
}

/// Sample `index` of a row as 8 bit.
template <int kDepth>
std::uint8_t sample(const std::uint8_t* row, int index) {
  if constexpr (kDepth == 8) {
    return row[index];
  } else {
    std::uint16_t value = 0;
    std::memcpy(&value, row + std::ptrdiff_t{index} * 2, 2);
    return to8(value);
  }
}

template <int kDepth>
void row_to_rgb(const std::uint8_t* row, ColorModel model, int begin, int end, std::uint8_t* out) {
  const auto at = [row](int index) { return sample<kDepth>(row, index); };
  for (int x = begin; x < end; ++x, out += 3) {
    switch (model) {
      case ColorModel::gray:
        out[0] = out[1] = out[2] = at(x);
        break;
      case ColorModel::gray_alpha:
        out[0] = out[1] = out[2] = over_gray(at(x * 2), at(x * 2 + 1));
        break;
      case ColorModel::rgb:
        for (int c = 0; c < 3; ++c) out[c] = at(x * 3 + c);
        break;
      case ColorModel::rgb_alpha:
        for (int c = 0; c < 3; ++c) out[c] = over_gray(at(x * 4 + c), at(x * 4 + 3));
        break;
      case ColorModel::cmyk:
        for (int c = 0; c < 3; ++c) out[c] = product(255U - at(x * 4 + c), 255U - at(x * 4 + 3));
        break;
    }
  }
}

void add_row(std::uint32_t* sums, const std::uint8_t* row, std::uint32_t weight, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) sums[i] += weight * row[i];
}

/// Rows of the stored picture between two columns, as RGB; 8-bit RGB pictures are read in place.
class RgbRows {
 public:
  RgbRows(const PlaneView& samples, ColorModel model, int begin, int end)
      : samples_(samples), model_(model), begin_(begin), end_(end) {
    if (!in_place()) scratch_.resize(static_cast<std::size_t>(end - begin) * 3);
  }

  const std::uint8_t* row(int y) {
    if (in_place()) return samples_.row(y) + std::ptrdiff_t{begin_} * 3;
    if (y != cached_) {
      if (samples_.bit_depth > 8) {
        row_to_rgb<16>(samples_.row(y), model_, begin_, end_, scratch_.data());
      } else {
        row_to_rgb<8>(samples_.row(y), model_, begin_, end_, scratch_.data());
      }
      cached_ = y;
    }
    return scratch_.data();
  }

 private:
  [[nodiscard]] bool in_place() const { return model_ == ColorModel::rgb && samples_.bit_depth == 8; }
  PlaneView samples_;
  ColorModel model_;
  int begin_;
  int end_;
  int cached_ = -1;
  std::vector<std::uint8_t> scratch_;
};

/// Where a pixel of the stored orientation goes in the displayed picture.
struct TurnedTarget {
  std::uint8_t* origin = nullptr;
  std::ptrdiff_t step_x = 0;  ///< bytes between neighbours of a stored row
  std::ptrdiff_t step_y = 0;  ///< bytes between stored rows
};

TurnedTarget turned_target(RgbImage& image, const Orientation& orientation) {
  const std::ptrdiff_t pixel = 3;
  const std::ptrdiff_t line = pixel * image.size.width;
  const std::ptrdiff_t right = pixel * (image.size.width - 1);
  const std::ptrdiff_t bottom = line * (image.size.height - 1);
  TurnedTarget target;
  std::ptrdiff_t start = 0;
  switch (orientation.quarter_turns & 3) {
    case 0:
      target = {nullptr, pixel, line};
      break;
    case 1:
      target = {nullptr, line, -pixel};
      start = right;
      break;
    case 2:
      target = {nullptr, -pixel, -line};
      start = right + bottom;
      break;
    default:
      target = {nullptr, -line, pixel};
      start = bottom;
      break;
  }
  if (orientation.mirrored) {
    const int stored_width = orientation.swaps_axes() ? image.size.height : image.size.width;
    start += target.step_x * (stored_width - 1);
    target.step_x = -target.step_x;
  }
  target.origin = image.pixels.data() + start;
  return target;
}

/// One output row from vertically weighted sums (weights of both axes sum to 2^28).
void reduce_row(const std::vector<std::uint32_t>& sums, const AxisFilter& across, int begin, int width,
                std::uint8_t* out, std::ptrdiff_t step) {
  for (int x = 0; x < width; ++x, out += step) {
    const std::uint32_t* from = sums.data() + static_cast<std::size_t>(across.first(x) - begin) * 3;
    const std::uint16_t* weights = across.weights(x);
    std::uint64_t total[3] = {1U << 27, 1U << 27, 1U << 27};
    for (int i = 0; i < across.count(x); ++i, from += 3) {
      for (int c = 0; c < 3; ++c) total[c] += std::uint64_t{from[c]} * weights[i];
    }
    for (int c = 0; c < 3; ++c) out[c] = static_cast<std::uint8_t>(total[c] >> 28);
  }
}

void place_row(const std::uint8_t* row, int width, std::uint8_t* out, std::ptrdiff_t step) {
  if (step == 3) {
    std::memcpy(out, row, static_cast<std::size_t>(width) * 3);
    return;
  }
  for (int x = 0; x < width; ++x, row += 3, out += step) std::memcpy(out, row, 3);
}

/// Whether each output sample of an axis is one input sample: nothing to average then.
bool is_one_to_one(double begin, double length, int in_size, int out_size) {
  return length == out_size && begin == std::floor(begin) && begin >= 0 && begin + length <= in_size;
}

}  // namespace

AxisFilter::AxisFilter(double begin, double length, int in_size, int out_size) {
  const double step = length / out_size;
  const auto last = static_cast<double>(in_size - 1);
  for (int out = 0; out < out_size; ++out) {
    double from = begin + step * out;
    double to = from + step;
    if (step <= 1) {  // bilinear: a window of one input sample around the output sample's centre
      from = (from + to) / 2 - 0.5;
      to = from + 1;
    }
    const int first = static_cast<int>(std::clamp(std::floor(from), 0.0, last));
    const int end = static_cast<int>(std::clamp(std::ceil(to), first + 1.0, last + 1));
    first_.push_back(first);
    count_.push_back(end - first);
    offset_.push_back(weights_.size());
    // Rounding the running sum makes the weights sum to kOne exactly. Outside samples count for the border.
    double covered = 0;
    std::uint32_t given = 0;
    for (int i = first; i < end; ++i) {
      const double low = i == first ? from : i;
      const double high = i == end - 1 ? to : i + 1;
      covered += std::max(0.0, high - low) / (to - from);
      const auto reached = i == end - 1 ? kOne : static_cast<std::uint32_t>(std::lround(covered * kOne));
      weights_.push_back(static_cast<std::uint16_t>(reached - given));
      given = reached;
    }
  }
}

RgbImage resample_to_rgb(const PlaneView& samples, ColorModel model, const Orientation& orientation,
                         const Box& crop, Size size) {
  RgbImage image;
  image.size = size;
  image.pixels.resize(static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height) * 3);
  const Size stored{samples.width, samples.height};
  const Size turned = orientation.displayed(size);  // the axes swap both ways alike
  const Box part = orientation.to_stored(crop, stored);
  const AxisFilter across(part.x, part.width, stored.width, turned.width);
  const AxisFilter down(part.y, part.height, stored.height, turned.height);
  const int begin = across.first(0);
  const int end = across.first(turned.width - 1) + across.count(turned.width - 1);
  const TurnedTarget target = turned_target(image, orientation);
  RgbRows rows(samples, model, begin, end);
  if (is_one_to_one(part.x, part.width, stored.width, turned.width) &&
      is_one_to_one(part.y, part.height, stored.height, turned.height)) {
    for (int y = 0; y < turned.height; ++y) {
      place_row(rows.row(down.first(y)), turned.width, target.origin + target.step_y * y, target.step_x);
    }
    return image;
  }
  std::vector<std::uint32_t> sums(static_cast<std::size_t>(end - begin) * 3);
  for (int y = 0; y < turned.height; ++y) {
    std::ranges::fill(sums, 0);
    for (int i = 0; i < down.count(y); ++i) {
      const std::uint32_t weight = down.weights(y)[i];
      if (weight != 0) add_row(sums.data(), rows.row(down.first(y) + i), weight, sums.size());
    }
    reduce_row(sums, across, begin, turned.width, target.origin + target.step_y * y, target.step_x);
  }
  return image;
}

}  // namespace sightline::media
