#include "sight/analysis/grain.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "sight/analysis/picture_sources.h"

namespace sightline::analysis {
namespace {

constexpr int kBand = 16;      ///< rows that are measured together
constexpr int kBandStep = 64;  ///< from the first row of a band to that of the next
constexpr int kScales = 4;     ///< blocks of 1, 2, 4 and 8 pixels
constexpr double kLeast =
    20;  ///< mean difference of neighbours, in steps of luma, below which dots are faint
constexpr double kFalls = 1.7;  ///< by which it falls from one scale to the next where there are dots

/// Luma of a band of rows, at one scale.
struct Band {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> luma;
  [[nodiscard]] int at(int x, int y) const {
    return luma[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)];
  }
};

/// Absolute differences of neighbours, beside and below one another.
struct Differences {
  std::int64_t sum = 0;
  std::int64_t count = 0;
  [[nodiscard]] double mean() const {
    return count > 0 ? static_cast<double>(sum) / static_cast<double>(count) : 0;
  }
};

Band band_of(const media::RgbImage& image, int top) {
  Band band{image.size.width, std::min(kBand, image.size.height - top), {}};
  band.luma.reserve(static_cast<std::size_t>(band.width) * static_cast<std::size_t>(band.height));
  for (int y = top; y < top + band.height; ++y) {
    const std::uint8_t* rgb = image.row(y);
    for (int x = 0; x < band.width; ++x, rgb += 3)
      band.luma.push_back(static_cast<std::uint8_t>((rgb[0] * 77 + rgb[1] * 150 + rgb[2] * 29) >> 8));
  }
  return band;
}

Band halved(const Band& band) {
  Band half{band.width / 2, band.height / 2, {}};
  half.luma.reserve(static_cast<std::size_t>(half.width) * static_cast<std::size_t>(half.height));
  for (int y = 0; y < half.height; ++y) {
    for (int x = 0; x < half.width; ++x) {
      const int sum = band.at(2 * x, 2 * y) + band.at(2 * x + 1, 2 * y) + band.at(2 * x, 2 * y + 1) +
                      band.at(2 * x + 1, 2 * y + 1);
      half.luma.push_back(static_cast<std::uint8_t>((sum + 2) / 4));
    }
  }
  return half;
}

void measure(const Band& band, Differences& differences) {
  for (int y = 0; y < band.height; ++y) {
    for (int x = 1; x < band.width; ++x) differences.sum += std::abs(band.at(x, y) - band.at(x - 1, y));
    differences.count += std::max(0, band.width - 1);
    if (y == 0) continue;
    for (int x = 0; x < band.width; ++x) differences.sum += std::abs(band.at(x, y) - band.at(x, y - 1));
    differences.count += band.width;
  }
}

}  // namespace

int grain_of(const media::RgbImage& image) {
  std::array<Differences, kScales> scales;
  for (int top = 0; top < image.size.height; top += kBandStep) {
    Band band = band_of(image, top);
    for (Differences& scale : scales) {
      measure(band, scale);
      band = halved(band);
    }
  }
  for (std::size_t i = 0; i + 1 < kScales; ++i) {
    const double fine = scales[i].mean();
    if (fine >= kLeast && fine >= kFalls * scales[i + 1].mean()) return 2 << i;
  }
  return 1;
}

media::RgbImage smoothed(const media::RgbImage& image, int grain) {
  const media::Size size = image.size;
  const media::Size reduced{std::max(1, size.width / grain), std::max(1, size.height / grain)};
  const auto whole = [](media::Size of) {
    return media::Box{0, 0, static_cast<float>(of.width), static_cast<float>(of.height)};
  };
  return cropped(cropped(image, whole(size), reduced), whole(reduced), size);
}

}  // namespace sightline::analysis
