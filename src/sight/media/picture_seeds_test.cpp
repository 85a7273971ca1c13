// The committed seeds of fuzz_picture: tests/fuzz/seeds/picture. They are made here, in code:
//   sight_media_test --gtest_also_run_disabled_tests --gtest_filter='PictureSeeds.DISABLED_WriteAnew'

#include <gtest/gtest.h>

#include <filesystem>

#include "sight/media/picture.h"
#include "sight/media/picture_testing.h"

namespace sightline::media {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)

constexpr const char* kFolder = "tests/fuzz/seeds/picture";  // tests run in the repository's root

std::vector<std::pair<const char*, Bytes>> seeds() {
  const Bytes tiff = exif_with_orientation(6, true);
  JpegRecipe jpeg{.width = 19, .height = 13};
  jpeg.markers = {{JPEG_APP0 + 1, joined({bytes_of("Exif\0\0"sv), tiff})}, {JPEG_COM, bytes_of("hi")}};
  JpegRecipe progressive = jpeg;
  progressive.progressive = true;
  progressive.h_samples = 1;
  const Bytes chunks = joined({png_chunk("gAMA", big_endian(45'455)), png_chunk("eXIf", tiff),
                               png_chunk("tEXt", bytes_of("k\0v"sv))});
  return {
      {"420.jpg", make_jpeg(jpeg)},
      {"progressive.jpg", make_jpeg(progressive)},
      {"grey.jpg", make_jpeg({.width = 9, .height = 9, .samples = JCS_GRAYSCALE, .coded = JCS_GRAYSCALE})},
      {"cmyk.jpg", make_jpeg({.width = 9,
                              .height = 9,
                              .samples = JCS_CMYK,
                              .coded = JCS_CMYK,
                              .h_samples = 1,
                              .v_samples = 1})},
      {"ycck.jpg",
       make_jpeg({.width = 17, .height = 9, .samples = JCS_CMYK, .coded = JCS_YCCK, .restart_interval = 1})},
      {"rgb.png", with_png_chunks(make_png({.width = 9, .height = 7}), "IDAT", chunks)},
      {"palette.png", make_png({.width = 9,
                                .height = 7,
                                .color_type = PNG_COLOR_TYPE_PALETTE,
                                .bit_depth = 4,
                                .interlaced = true,
                                .transparency = true})},
      {"grey-alpha16.png",
       make_png({.width = 9, .height = 7, .color_type = PNG_COLOR_TYPE_GRAY_ALPHA, .bit_depth = 16})},
      {"grey1.png", make_png({.width = 9,
                              .height = 7,
                              .color_type = PNG_COLOR_TYPE_GRAY,
                              .bit_depth = 1,
                              .transparency = true})},
      {"lossless.webp", make_webp(rgba_pattern(9, 7), 9, 7, WebpKind::lossless)},
      {"lossy.webp", make_webp(rgba_pattern(16, 12), 16, 12, WebpKind::lossy)},
  };
}

TEST(PictureSeeds, AllDecode) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    const auto picture = Picture::decode(read_file(entry.path(), 1 << 16).value(), entry.path().string());
    EXPECT_TRUE(picture) << picture.error().message;
    ++count;
  }
  EXPECT_EQ(count, static_cast<int>(seeds().size()));
}

TEST(PictureSeeds, DISABLED_WriteAnew) {
  for (const auto& [name, file] : seeds()) {
    EXPECT_TRUE(write_file_atomically(std::filesystem::path(kFolder) / name, file, true));
  }
}

}  // namespace
}  // namespace sightline::media
