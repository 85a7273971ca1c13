// Files that are not what they claim to be, or no pictures at all.

#include <gmock/gmock.h>

#include "sight/media/picture.h"
#include "sight/media/picture_testing.h"

namespace sightline::media {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using ::testing::HasSubstr;

TEST(PictureKinds, RefusedKindsAreNamed) {
  const std::pair<Bytes, const char*> files[] = {
      {bytes_of("GIF89a\x01\0\x01\0\0\0\0"sv), "GIF"},
      {bytes_of("\0\0\0\x18"
                "ftypheic\0\0\0\0mif1heic"sv),
       "HEIF"},
      {bytes_of("\0\0\0\x18"
                "ftypmif1\0\0\0\0mif1heic"sv),
       "HEIF"},
      {bytes_of("\0\0\0\x18"
                "ftypavif\0\0\0\0mif1avif"sv),
       "AVIF"},
      {bytes_of("BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x02\0\0\0"sv), "BMP"},
      {bytes_of("II*\0\x08\0\0\0"sv), "TIFF"},
      {bytes_of("MM\0*\0\0\0\x08"sv), "TIFF"},
      {bytes_of("\0\0\0\x0CJXL \r\n\x87\n"sv), "JPEG XL"},
      {bytes_of("\0\0\0\x0CjP  \r\n\x87\n"sv), "JPEG 2000"},
      {bytes_of("\xFF\x4F\xFF\x51\0\x2F"sv), "JPEG 2000"},
      {bytes_of("MM\0+\0\x08\0\0"sv), "TIFF"},
      {bytes_of("\0\0\0\x18"
                "ftypcrx \0\0\0\1crx isom"sv),
       "camera raw"},
      {bytes_of("FUJIFILMCCD-RAW 0201"sv), "camera raw"},
      {bytes_of("8BPS\0\1\0\0"sv), "Photoshop"},
      {bytes_of("P6\n2 2\n255\n"sv), "Netpbm"},
  };
  for (const auto& [file, name] : files) {
    EXPECT_TRUE(looks_like_picture(file)) << name;
    const auto picture = Picture::decode(file, "holiday.xyz");
    ASSERT_FALSE(picture);
    EXPECT_EQ(picture.error().kind, ErrorKind::unsupported);
    EXPECT_THAT(picture.error().message, HasSubstr(std::string("holiday.xyz: ") + name));
    EXPECT_THAT(picture.error().message, HasSubstr("convert"));
  }
}

TEST(PictureKinds, ClipsAndOtherFilesAreNoPictures) {
  for (const auto head : {"\0\0\0\x20"
                          "ftypisom\0\0\2\0isomiso2avc1mp41"sv,
                          "\0\0\0\x20"
                          "ftypmp42\0\0\0\0mif1mp42"sv,
                          "\0\0\0\x14"
                          "ftypqt  \0\0\0\0"sv,
                          "\x1A\x45\xDF\xA3"sv, "RIFF\0\0\0\0AVI LIST"sv, "BMW is a car maker"sv, ""sv,
                          "hello"sv, "\xFF\xD8"sv}) {
    EXPECT_FALSE(looks_like_picture(bytes_of(head))) << head;
    const auto picture = Picture::decode(bytes_of(head), "x");
    ASSERT_FALSE(picture);
    EXPECT_EQ(picture.error().kind, ErrorKind::corrupt);
  }
}

std::vector<Bytes> small_files() {
  const RgbImage image = pattern_image(9, 7);
  return {make_jpeg({.width = 9, .height = 7}), make_jpeg({.width = 9, .height = 7, .progressive = true}),
          make_png({.width = 9, .height = 7}),
          make_png({.width = 9,
                    .height = 7,
                    .color_type = PNG_COLOR_TYPE_PALETTE,
                    .bit_depth = 4,
                    .interlaced = true,
                    .transparency = true}),
          Picture::from_rgb(image).encode_as(PictureFormat::webp).value()};
}

/// Decoding, showing and writing either work or say why not.
void exercise(std::span<const std::uint8_t> file) {
  auto picture = Picture::decode(file, "x", {.max_pixels = 1 << 20, .max_side = 4096});
  if (!picture) {
    EXPECT_FALSE(picture.error().message.empty());
    EXPECT_EQ(picture.error().message.find('\n'), std::string::npos);
    return;
  }
  EXPECT_EQ(picture->to_rgb({5, 3}).pixels.size(), 45U);
  picture->samples().data[0] ^= 0x80;
  for (const auto policy : {MetadataPolicy::safe, MetadataPolicy::keep}) {
    const auto out = picture->encode(policy);
    ASSERT_TRUE(out) << out.error().message;
    EXPECT_TRUE(Picture::decode(*out, "again"));
  }
}

TEST(PictureHostile, EveryTruncationIsSurvived) {
  for (const Bytes& file : small_files()) {
    for (std::size_t size = 0; size <= file.size(); ++size) exercise(std::span(file).first(size));
  }
}

TEST(PictureHostile, EveryFlippedByteIsSurvived) {
  for (const Bytes& file : small_files()) {
    for (std::size_t at = 0; at < file.size(); ++at) {
      for (const int flip : {0x01, 0x80, 0xFF}) {
        Bytes damaged = file;
        damaged[at] ^= static_cast<std::uint8_t>(flip);
        exercise(damaged);
      }
    }
  }
}

TEST(PictureHostile, OnePixelIsAPicture) {
  for (const PictureFormat format : {PictureFormat::jpeg, PictureFormat::png, PictureFormat::webp}) {
    const Bytes file = Picture::from_rgb({{1, 1}, {10, 200, 30}}).encode_as(format, 95).value();
    auto picture = Picture::decode(file, "dot").value();
    EXPECT_EQ(picture.stored_size(), (Size{1, 1}));
    EXPECT_NEAR(picture.to_rgb({1, 1}).pixels[1], 200, 8);
    EXPECT_EQ(picture.to_rgb({20, 20}).pixels.size(), 1200U);
    EXPECT_TRUE(picture.encode(MetadataPolicy::safe));
  }
}

TEST(PictureHostile, LimitsAreTheCallers) {
  const Bytes file = make_png({.width = 23, .height = 17});
  EXPECT_TRUE(Picture::decode(file, "x", {.max_pixels = 23 * 17, .max_side = 23}));
  EXPECT_EQ(Picture::decode(file, "x", {.max_pixels = 23 * 17 - 1, .max_side = 23}).error().kind,
            ErrorKind::too_large);
  EXPECT_EQ(Picture::decode(file, "x", {.max_pixels = 23 * 17, .max_side = 22}).error().kind,
            ErrorKind::too_large);
}

}  // namespace
}  // namespace sightline::media
