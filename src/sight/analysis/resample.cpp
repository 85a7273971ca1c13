#include "sight/analysis/resample.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace sightline::analysis {
namespace {

/// What one output sample takes: consecutive input samples with their weights.
struct Taps {
  int first = 0;
  std::vector<float> weights;
};

/// A triangle filter that widens to the reduction (so that it averages) and is linear when enlarging.
std::vector<Taps> axis_taps(float start, float length, int out, int in) {
  std::vector<Taps> all(static_cast<std::size_t>(out));
  const float step = length / static_cast<float>(out);
  const float reach = std::max(1.0F, step);
  for (int i = 0; i < out; ++i) {
    const float center = start + (static_cast<float>(i) + 0.5F) * step - 0.5F;
    const int low = static_cast<int>(std::ceil(center - reach));
    const int high = static_cast<int>(std::floor(center + reach));
    Taps& taps = all[static_cast<std::size_t>(i)];
    taps.first = std::clamp(low, 0, in - 1);
    taps.weights.assign(static_cast<std::size_t>(std::clamp(high, 0, in - 1) - taps.first + 1), 0.0F);
    float sum = 0;
    for (int j = low; j <= high; ++j) {
      const float weight = std::max(0.0F, 1 - std::abs(static_cast<float>(j) - center) / reach);
      taps.weights[static_cast<std::size_t>(std::clamp(j, 0, in - 1) - taps.first)] += weight;
      sum += weight;
    }
    for (float& weight : taps.weights) weight /= sum;
  }
  return all;
}

}  // namespace

media::RgbImage resampled(const media::RgbImage& image, const media::Box& area, media::Size size) {
  media::RgbImage out;
  out.size = size;
  out.pixels.resize(static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height) * 3);
  const auto across = axis_taps(area.x, area.width, size.width, image.size.width);
  const auto down = axis_taps(area.y, area.height, size.height, image.size.height);
  std::vector<float> sums(static_cast<std::size_t>(image.size.width) * 3);
  for (int y = 0; y < size.height; ++y) {
    const Taps& rows = down[static_cast<std::size_t>(y)];
    std::ranges::fill(sums, 0.0F);
    for (std::size_t j = 0; j < rows.weights.size(); ++j) {
      const std::uint8_t* row = image.row(rows.first + static_cast<int>(j));
      const float weight = rows.weights[j];
      for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += weight * static_cast<float>(row[i]);
    }
    std::uint8_t* target = out.row(y);
    for (const Taps& columns : across) {
      float pixel[3] = {0.5F, 0.5F, 0.5F};
      const float* from = sums.data() + static_cast<std::size_t>(columns.first) * 3;
      for (const float weight : columns.weights)
        for (float& channel : pixel) channel += weight * *from++;
      for (const float channel : pixel)
        *target++ = static_cast<std::uint8_t>(std::clamp(channel, 0.0F, 255.0F));
    }
  }
  return out;
}

}  // namespace sightline::analysis
