#include "sight/media/resample.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "sight/media/picture_testing.h"

namespace sightline::media {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)

PlaneView view_of(std::vector<std::uint8_t>& samples, int width, int height, int channels) {
  return {samples.data(), std::ptrdiff_t{width} * channels, width, height, channels, 8};
}

Box whole(int width, int height) {
  return {0, 0, static_cast<float>(width), static_cast<float>(height)};
}

/// A channel of a pixel as the definition of an area average gives it.
double averaged(const RgbImage& image, double x0, double x1, double y0, double y1, int channel) {
  double sum = 0;
  for (int y = static_cast<int>(y0); y < y1; ++y) {
    for (int x = static_cast<int>(x0); x < x1; ++x) {
      const double across = std::min<double>(x + 1, x1) - std::max<double>(x, x0);
      const double down = std::min<double>(y + 1, y1) - std::max<double>(y, y0);
      sum += across * down * image.row(y)[x * 3 + channel];
    }
  }
  return sum / ((x1 - x0) * (y1 - y0));
}

TEST(Resample, ReducingAveragesAreas) {
  RgbImage image = pattern_image(61, 43);
  const RgbImage small =
      resample_to_rgb(view_of(image.pixels, 61, 43, 3), ColorModel::rgb, {}, whole(61, 43), {17, 11});
  for (int y = 0; y < 11; ++y) {
    for (int x = 0; x < 17; ++x) {
      for (int c = 0; c < 3; ++c) {
        const double expected =
            averaged(image, x * 61.0 / 17, (x + 1) * 61.0 / 17, y * 43.0 / 11, (y + 1) * 43.0 / 11, c);
        EXPECT_NEAR(small.row(y)[x * 3 + c], expected, 0.6) << x << "," << y;
      }
    }
  }
}

TEST(Resample, FlatPicturesStayExactAtEverySize) {
  for (const int level : {0, 1, 127, 255}) {
    std::vector<std::uint8_t> samples(37 * 29 * 3, static_cast<std::uint8_t>(level));
    for (const Size size : {Size{1, 1}, {5, 3}, {37, 29}, {36, 30}, {100, 7}, {301, 299}}) {
      const RgbImage out =
          resample_to_rgb(view_of(samples, 37, 29, 3), ColorModel::rgb, {}, whole(37, 29), size);
      for (const std::uint8_t value : out.pixels) ASSERT_EQ(value, level) << size.width;
    }
  }
}

TEST(Resample, EnlargingInterpolates) {
  std::vector<std::uint8_t> samples = {0, 100};
  const RgbImage out = resample_to_rgb(view_of(samples, 2, 1, 1), ColorModel::gray, {}, whole(2, 1), {4, 1});
  const std::vector<int> expected = {0, 25, 75, 100};
  for (int x = 0; x < 4; ++x) EXPECT_EQ(out.row(0)[x * 3], expected[static_cast<std::size_t>(x)]);
}

TEST(Resample, EveryOrientationTurnsAsTheBoxesDo) {
  RgbImage image = pattern_image(12, 7);
  for (int exif = 1; exif <= 8; ++exif) {
    const Orientation orientation = orientation_from_exif(exif);
    const Size size = orientation.displayed({12, 7});
    const RgbImage out = resample_to_rgb(view_of(image.pixels, 12, 7, 3), ColorModel::rgb, orientation,
                                         whole(size.width, size.height), size);
    for (int y = 0; y < size.height; ++y) {
      for (int x = 0; x < size.width; ++x) {
        const Box at = orientation.to_stored({static_cast<float>(x), static_cast<float>(y), 1, 1}, {12, 7});
        const std::uint8_t* stored = image.row(static_cast<int>(at.y)) + static_cast<int>(at.x) * 3;
        EXPECT_EQ(0, std::memcmp(out.row(y) + x * 3, stored, 3))
            << "EXIF " << exif << " at " << x << "," << y;
      }
    }
  }
}

TEST(Resample, EveryOrientationTurnsWhileReducing) {
  RgbImage image = pattern_image(12, 8);
  for (int exif = 1; exif <= 8; ++exif) {
    const Orientation orientation = orientation_from_exif(exif);
    const Size size = orientation.displayed({12, 8});
    const RgbImage out = resample_to_rgb(view_of(image.pixels, 12, 8, 3), ColorModel::rgb, orientation,
                                         whole(size.width, size.height), {size.width / 2, size.height / 2});
    for (int y = 0; y < size.height / 2; ++y) {
      for (int x = 0; x < size.width / 2; ++x) {
        const Box from =
            orientation.to_stored({static_cast<float>(x * 2), static_cast<float>(y * 2), 2, 2}, {12, 8});
        for (int c = 0; c < 3; ++c) {
          EXPECT_NEAR(out.row(y)[x * 3 + c], averaged(image, from.x, from.right(), from.y, from.bottom(), c),
                      0.6)
              << "EXIF " << exif << " at " << x << "," << y;
        }
      }
    }
  }
}

TEST(Resample, CropIsThatPartOfTheDisplayedPicture) {
  RgbImage image = pattern_image(40, 30);
  const Orientation turned = orientation_from_exif(6);
  const PlaneView view = view_of(image.pixels, 40, 30, 3);
  const RgbImage all = resample_to_rgb(view, ColorModel::rgb, turned, whole(30, 40), {30, 40});
  const RgbImage part = resample_to_rgb(view, ColorModel::rgb, turned, {5, 9, 11, 13}, {11, 13});
  for (int y = 0; y < 13; ++y) {
    EXPECT_EQ(0, std::memcmp(part.row(y), all.row(y + 9) + 5 * 3, 11 * 3)) << y;
  }
}

TEST(Resample, CropBeyondTheBorderRepeatsIt) {
  std::vector<std::uint8_t> samples = {10, 20, 30};
  const PlaneView view = view_of(samples, 3, 1, 1);
  const RgbImage out = resample_to_rgb(view, ColorModel::gray, {}, {-2, -1, 7, 3}, {7, 3});
  const std::vector<int> expected = {10, 10, 10, 20, 30, 30, 30};
  for (int y = 0; y < 3; ++y) {
    for (int x = 0; x < 7; ++x) EXPECT_EQ(out.row(y)[x * 3], expected[static_cast<std::size_t>(x)]) << x;
  }
  const RgbImage outside = resample_to_rgb(view, ColorModel::gray, {}, {100, 100, 5, 5}, {2, 2});
  EXPECT_EQ(outside.pixels[0], 30);
}

TEST(Resample, AlphaLiesOverMidGreyAndCmykIsConverted) {
  std::vector<std::uint8_t> rgba = {200, 0, 100, 255, 200, 0, 100, 0, 200, 0, 100, 128};
  const RgbImage over =
      resample_to_rgb(view_of(rgba, 3, 1, 4), ColorModel::rgb_alpha, {}, whole(3, 1), {3, 1});
  EXPECT_EQ(over.pixels, (std::vector<std::uint8_t>{200, 0, 100, 128, 128, 128, 164, 64, 114}));
  std::vector<std::uint8_t> cmyk = {0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 255};
  const RgbImage rgb = resample_to_rgb(view_of(cmyk, 3, 1, 4), ColorModel::cmyk, {}, whole(3, 1), {3, 1});
  EXPECT_EQ(rgb.pixels, (std::vector<std::uint8_t>{255, 255, 255, 0, 255, 255, 0, 0, 0}));
}

}  // namespace
}  // namespace sightline::media
