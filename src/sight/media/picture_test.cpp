#include "sight/media/picture.h"

#include <gmock/gmock.h>

#include <cmath>

#include "sight/media/picture_testing.h"

namespace sightline::media {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the builders of picture_testing.h

double mean_difference(const Bytes& a, const Bytes& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(int{a[i]} - int{b[i]});
  return sum / static_cast<double>(a.size());
}

TEST(Picture, WritesPngBackBitForBit) {
  const RgbImage image = pattern_image(61, 43);
  const Bytes file = Picture::from_rgb(image).encode(MetadataPolicy::safe).value();
  Picture again = decoded(file);
  EXPECT_EQ(again.format(), PictureFormat::png);
  EXPECT_EQ(again.color_model(), ColorModel::rgb);
  EXPECT_EQ(samples_of(again), image.pixels);
  EXPECT_EQ(again.to_rgb({61, 43}).pixels, image.pixels);
}

TEST(Picture, WritesJpegInTheInputsCoding) {
  const Bytes file =
      make_jpeg({.quality = 71, .h_samples = 2, .v_samples = 1, .progressive = true, .restart_interval = 3});
  Picture picture = decoded(file);
  const Bytes before = samples_of(picture);
  const Bytes out = picture.encode(MetadataPolicy::safe).value();
  const JpegHeader was = read_jpeg(file);
  const JpegHeader is = read_jpeg(out);
  EXPECT_TRUE(is.progressive);
  EXPECT_EQ(is.first_table, was.first_table);
  EXPECT_EQ(is.h_samples, 2);
  EXPECT_EQ(is.v_samples, 1);
  EXPECT_EQ(is.restart_interval, 3U);
  EXPECT_EQ(is.coefficients, was.coefficients) << "nothing was painted: nothing may change";
  Picture again = decoded(out);
  EXPECT_EQ(samples_of(again), before);
}

TEST(Picture, WebpIsLosslessWhereTheInputWas) {
  const RgbImage image = pattern_image(61, 43);
  const Bytes file = Picture::from_rgb(image).encode_as(PictureFormat::webp).value();
  Picture picture = decoded(file);
  EXPECT_EQ(picture.format(), PictureFormat::webp);
  picture.samples().data[0] ^= 0xFF;
  Picture again = decoded(picture.encode(MetadataPolicy::safe).value());
  Bytes expected = image.pixels;
  expected[0] ^= 0xFF;
  EXPECT_EQ(samples_of(again), expected);
}

TEST(Picture, EncodesAsJpegAtTheGivenQuality) {
  const Picture picture = Picture::from_rgb(pattern_image(120, 90));
  const Bytes good = picture.encode_as(PictureFormat::jpeg, 95).value();
  const Bytes poor = picture.encode_as(PictureFormat::jpeg, 20).value();
  EXPECT_LT(poor.size(), good.size());
  EXPECT_LT(mean_difference(decode_rgb(good, "good").value().pixels, pattern_image(120, 90).pixels), 6);
}

}  // namespace
}  // namespace sightline::media
