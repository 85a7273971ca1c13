#include "sight/media/jpeg.h"

#include <gmock/gmock.h>

#include "sight/media/exif.h"
#include "sight/media/picture.h"
#include "sight/media/picture_testing.h"

namespace sightline::media {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using ::testing::HasSubstr;

/// Sets a rectangle of samples to `value`.
void fill(Picture& picture, int left, int top, int width, int height, std::uint8_t value) {
  const PlaneView view = picture.samples();
  for (int y = top; y < top + height; ++y) {
    std::memset(view.row(y) + left * view.channels, value, static_cast<std::size_t>(width * view.channels));
  }
}

const std::vector<std::pair<const char*, JpegRecipe>>& recipes() {
  static const std::vector<std::pair<const char*, JpegRecipe>> kRecipes = {
      {"4:2:0", {}},
      {"4:2:2", {.v_samples = 1}},
      {"4:4:0", {.h_samples = 1}},
      {"4:4:4", {.h_samples = 1, .v_samples = 1}},
      {"4:1:1", {.h_samples = 4, .v_samples = 1}},
      {"progressive", {.progressive = true}},
      {"restarts", {.restart_interval = 2}},
      {"grey", {.samples = JCS_GRAYSCALE, .coded = JCS_GRAYSCALE, .h_samples = 1, .v_samples = 1}},
      {"grey 2x2", {.samples = JCS_GRAYSCALE, .coded = JCS_GRAYSCALE}},
      {"RGB", {.coded = JCS_RGB, .h_samples = 1, .v_samples = 1}},
      {"CMYK", {.samples = JCS_CMYK, .coded = JCS_CMYK, .h_samples = 1, .v_samples = 1}},
      {"CMYK without Adobe",
       {.samples = JCS_CMYK, .coded = JCS_CMYK, .h_samples = 1, .v_samples = 1, .adobe = false}},
      {"YCCK", {.samples = JCS_CMYK, .coded = JCS_YCCK, .h_samples = 1, .v_samples = 1}},
      {"YCCK 4:2:0", {.samples = JCS_CMYK, .coded = JCS_YCCK, .progressive = true}},
      {"one pixel", {.width = 1, .height = 1}},
      {"one row", {.width = 100, .height = 1}},
      {"quality 100", {.quality = 100}},
      {"quality 3", {.quality = 3}},
  };
  return kRecipes;
}

TEST(Jpeg, UntouchedPicturesKeepEveryCoefficientAndTheirCoding) {
  for (const auto& [name, recipe] : recipes()) {
    SCOPED_TRACE(name);
    const Bytes file = make_jpeg(recipe);
    Picture picture = decoded(file);
    const Bytes out = picture.encode(MetadataPolicy::safe).value();
    const JpegHeader was = read_jpeg(file);
    const JpegHeader is = read_jpeg(out);
    EXPECT_EQ(is.color_space, was.color_space);
    EXPECT_EQ(is.progressive, was.progressive);
    EXPECT_EQ(is.adobe, was.adobe);
    EXPECT_EQ(is.restart_interval, was.restart_interval);
    EXPECT_EQ(is.first_table, was.first_table);
    EXPECT_EQ(is.h_samples, was.h_samples);
    EXPECT_EQ(is.v_samples, was.v_samples);
    EXPECT_EQ(is.coefficients, was.coefficients);
    Picture again = decoded(out);
    EXPECT_EQ(samples_of(again), samples_of(picture));
  }
}

TEST(Jpeg, PaintArrivesAndTheRestStaysExact) {
  for (auto [name, recipe] : recipes()) {
    if (recipe.width < 20 || recipe.height < 20 || recipe.quality < 50) continue;
    SCOPED_TRACE(name);
    recipe.width = 150;
    recipe.height = 90;
    const Bytes file = make_jpeg(recipe);
    Picture picture = decoded(file);
    const Bytes before = samples_of(picture);
    fill(picture, 70, 40, 30, 20, 200);
    Picture again = decoded(picture.encode(MetadataPolicy::safe).value());
    const PlaneView was = {const_cast<std::uint8_t*>(before.data()),
                           picture.samples().stride,
                           150,
                           90,
                           picture.samples().channels,
                           8};
    const PlaneView is = again.samples();
    // 4:1:1 has the widest MCU, 32 pixels; one more is smeared by the chroma interpolation.
    for (int y = 0; y < 90; ++y) {
      for (int x = 0; x < 150; ++x) {
        const bool near = x >= 63 && x < 129 && y >= 31 && y < 65;
        for (int c = 0; c < is.channels && !near; ++c) {
          ASSERT_EQ(is.row(y)[x * is.channels + c], was.row(y)[x * is.channels + c]) << x << "," << y;
        }
        const bool inside = x >= 80 && x < 90 && y >= 48 && y < 55;
        for (int c = 0; c < is.channels && inside; ++c) {
          ASSERT_NEAR(is.row(y)[x * is.channels + c], 200, 30) << x << "," << y;
        }
      }
    }
  }
}

TEST(Jpeg, PaintInTheLastCornerArrives) {
  Picture picture = decoded(make_jpeg({.width = 61, .height = 43}));
  fill(picture, 48, 32, 13, 11, 90);
  fill(picture, 0, 0, 3, 3, 250);
  Picture again = decoded(picture.encode(MetadataPolicy::safe).value());
  EXPECT_NEAR(again.samples().row(42)[60 * 3], 90, 12);
  EXPECT_NEAR(again.samples().row(1)[1 * 3], 250, 40);
}

TEST(Jpeg, TablesThatChangeBetweenScansAreKeptPerComponent) {
  // Coefficients cannot be copied then; the samples are coded anew with each component's own table.
  const Bytes file = make_jpeg({.samples = JCS_CMYK,
                                .coded = JCS_CMYK,
                                .quality = 95,
                                .h_samples = 1,
                                .v_samples = 1,
                                .scan_per_component = true});
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  const std::size_t table = text.find("\xFF\xDB");
  const std::size_t second_scan = text.find("\xFF\xDA", text.find("\xFF\xDA") + 2);
  Bytes doubled(file.begin() + static_cast<std::ptrdiff_t>(table),
                file.begin() + static_cast<std::ptrdiff_t>(table) + 69);
  for (std::size_t i = 5; i < doubled.size(); ++i) doubled[i] = static_cast<std::uint8_t>(doubled[i] * 2);
  const Bytes odd =
      joined({Bytes(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(second_scan)), doubled,
              Bytes(file.begin() + static_cast<std::ptrdiff_t>(second_scan), file.end())});
  Picture picture = decoded(odd);
  const Bytes before = samples_of(picture);
  Picture again = decoded(picture.encode(MetadataPolicy::safe).value());
  EXPECT_EQ(again.color_model(), ColorModel::cmyk);
  const Bytes after = samples_of(again);
  for (std::size_t i = 0; i < before.size(); ++i) ASSERT_NEAR(after[i], before[i], 12) << i;
}

TEST(Jpeg, SizeStaysNearTheInputs) {
  const Bytes file = make_jpeg({.width = 640, .height = 480, .quality = 60});
  Picture picture = decoded(file);
  fill(picture, 100, 100, 200, 200, 120);
  EXPECT_LT(picture.encode(MetadataPolicy::safe).value().size(), file.size() * 11 / 10);
}

TEST(Jpeg, CmykMeansInkWhateverTheFileSays) {
  // pattern() is written as it is; with an Adobe marker it counts as inverted.
  Picture plain = decoded(make_jpeg({.samples = JCS_CMYK,
                                     .coded = JCS_CMYK,
                                     .quality = 100,
                                     .h_samples = 1,
                                     .v_samples = 1,
                                     .adobe = false}));
  Picture adobe = decoded(
      make_jpeg({.samples = JCS_CMYK, .coded = JCS_CMYK, .quality = 100, .h_samples = 1, .v_samples = 1}));
  EXPECT_EQ(plain.color_model(), ColorModel::cmyk);
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(plain.samples().row(3)[i], 255 - adobe.samples().row(3)[i]);
    EXPECT_NEAR(plain.samples().row(3)[i], pattern(i / 4, 3, i % 4), 3);
  }
}

TEST(Jpeg, OddCodingsAreRefusedByName) {
  const auto arithmetic = Picture::decode(make_jpeg({.arithmetic = true}), "a.jpg");
  ASSERT_FALSE(arithmetic);
  EXPECT_EQ(arithmetic.error().kind, ErrorKind::unsupported);
  EXPECT_THAT(arithmetic.error().message, HasSubstr("a.jpg: arithmetic-coded JPEG"));
  for (const auto& [offset, value] : {std::pair{0, 0xC3}, {4, 12}}) {  // lossless; 12-bit
    Bytes file = make_jpeg({});
    const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
    const std::size_t frame = text.find("\xFF\xC0");
    file[frame + (offset == 0 ? 1 : 4)] = static_cast<std::uint8_t>(value);
    const auto picture = Picture::decode(file, "odd.jpg");
    ASSERT_FALSE(picture);
    EXPECT_EQ(picture.error().kind, ErrorKind::unsupported) << picture.error().message;
  }
}

TEST(Jpeg, EveryTruncationIsRefused) {
  for (const bool progressive : {false, true}) {
    const Bytes file = make_jpeg({.width = 33, .height = 17, .progressive = progressive});
    for (std::size_t size = 3; size < file.size(); ++size) {
      const auto picture = Picture::decode(std::span(file).first(size), "cut.jpg");
      ASSERT_FALSE(picture) << size << " of " << file.size();
      EXPECT_EQ(picture.error().kind, ErrorKind::corrupt);
    }
  }
}

TEST(Jpeg, HugeHeaderIsRefusedBeforeMemoryIsTaken) {
  Bytes file = make_jpeg({});
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  const std::size_t frame = text.find("\xFF\xC0");
  for (const std::size_t at : {frame + 5, frame + 7}) {
    file[at] = 30'000 >> 8;
    file[at + 1] = 30'000 & 0xFF;
  }
  const auto picture = Picture::decode(file, "bomb.jpg");
  ASSERT_FALSE(picture);
  EXPECT_EQ(picture.error().kind, ErrorKind::too_large);
}

TEST(Jpeg, EndlessScansAreRefused) {
  const Bytes file = make_jpeg({.width = 64, .height = 64, .progressive = true});
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  // The first scan (with its Huffman tables before it) over and over: each adds hardly a kilobyte.
  const std::size_t begin = text.find("\xFF\xDA");
  const std::size_t end = std::min(text.find("\xFF\xC4", begin), text.find("\xFF\xDA", begin + 2));
  const Bytes scan(file.begin() + static_cast<std::ptrdiff_t>(begin),
                   file.begin() + static_cast<std::ptrdiff_t>(end));
  Bytes bomb(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(begin));
  for (int i = 0; i < 600; ++i) bomb.insert(bomb.end(), scan.begin(), scan.end());
  bomb.insert(bomb.end(), file.begin() + static_cast<std::ptrdiff_t>(begin), file.end());
  const auto picture = Picture::decode(bomb, "scans.jpg");
  ASSERT_FALSE(picture);
  EXPECT_THAT(picture.error().message, HasSubstr("more scans"));
}

TEST(Jpeg, ZeroInAQuantisationTableIsRefused) {
  Bytes file = make_jpeg({});
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  file[text.find("\xFF\xDB") + 20] = 0;
  const auto picture = Picture::decode(file, "q.jpg");
  ASSERT_FALSE(picture);
  EXPECT_EQ(picture.error().kind, ErrorKind::corrupt);
}

}  // namespace
}  // namespace sightline::media
