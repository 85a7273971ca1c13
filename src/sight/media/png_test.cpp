#include "sight/media/png.h"

#include <gmock/gmock.h>

#include "sight/media/picture.h"
#include "sight/media/picture_testing.h"

namespace sightline::media {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using ::testing::HasSubstr;

struct Kind {
  int color_type;
  int bit_depth;
  ColorModel model;              ///< without tRNS
  ColorModel transparent_model;  ///< with
};
constexpr Kind kKinds[] = {
    {PNG_COLOR_TYPE_GRAY, 1, ColorModel::gray, ColorModel::gray_alpha},
    {PNG_COLOR_TYPE_GRAY, 2, ColorModel::gray, ColorModel::gray_alpha},
    {PNG_COLOR_TYPE_GRAY, 4, ColorModel::gray, ColorModel::gray_alpha},
    {PNG_COLOR_TYPE_GRAY, 8, ColorModel::gray, ColorModel::gray_alpha},
    {PNG_COLOR_TYPE_GRAY, 16, ColorModel::gray, ColorModel::gray_alpha},
    {PNG_COLOR_TYPE_GRAY_ALPHA, 8, ColorModel::gray_alpha, ColorModel::gray_alpha},
    {PNG_COLOR_TYPE_GRAY_ALPHA, 16, ColorModel::gray_alpha, ColorModel::gray_alpha},
    {PNG_COLOR_TYPE_PALETTE, 1, ColorModel::rgb, ColorModel::rgb_alpha},
    {PNG_COLOR_TYPE_PALETTE, 2, ColorModel::rgb, ColorModel::rgb_alpha},
    {PNG_COLOR_TYPE_PALETTE, 4, ColorModel::rgb, ColorModel::rgb_alpha},
    {PNG_COLOR_TYPE_PALETTE, 8, ColorModel::rgb, ColorModel::rgb_alpha},
    {PNG_COLOR_TYPE_RGB, 8, ColorModel::rgb, ColorModel::rgb_alpha},
    {PNG_COLOR_TYPE_RGB, 16, ColorModel::rgb, ColorModel::rgb_alpha},
    {PNG_COLOR_TYPE_RGB_ALPHA, 8, ColorModel::rgb_alpha, ColorModel::rgb_alpha},
    {PNG_COLOR_TYPE_RGB_ALPHA, 16, ColorModel::rgb_alpha, ColorModel::rgb_alpha},
};

Bytes rewritten(const Bytes& file, MetadataPolicy policy = MetadataPolicy::safe) {
  auto picture = Picture::decode(file, "test.png");
  if (!picture) throw std::runtime_error(picture.error().message);
  return picture->encode(policy).value();
}

TEST(Png, EveryTypeAndDepthKeepsItsPixelsBitForBit) {
  for (const Kind& kind : kKinds) {
    for (const bool interlaced : {false, true}) {
      for (const bool transparency : {false, true}) {
        if (transparency && (kind.color_type & PNG_COLOR_MASK_ALPHA) != 0) continue;
        SCOPED_TRACE(::testing::Message() << "type " << kind.color_type << " depth " << kind.bit_depth
                                          << " interlaced " << interlaced << " tRNS " << transparency);
        const Bytes file = make_png({.color_type = kind.color_type,
                                     .bit_depth = kind.bit_depth,
                                     .interlaced = interlaced,
                                     .transparency = transparency});
        auto picture = Picture::decode(file, "test.png");
        ASSERT_TRUE(picture) << picture.error().message;
        EXPECT_EQ(picture->color_model(), transparency ? kind.transparent_model : kind.model);
        EXPECT_EQ(picture->samples().bit_depth, kind.bit_depth == 16 ? 16 : 8);
        const Bytes out = picture->encode(MetadataPolicy::safe).value();
        EXPECT_EQ(read_png_rgba(out), read_png_rgba(file));
        EXPECT_EQ(out[28], interlaced ? 1 : 0) << "interlacing is kept";
      }
    }
  }
}

TEST(Png, SixteenBitSamplesAreNativeNumbers) {
  // One grey pixel, 0x1234.
  const Bytes file = make_png({.width = 1, .height = 1, .color_type = PNG_COLOR_TYPE_GRAY, .bit_depth = 16});
  auto picture = Picture::decode(file, "test.png").value();
  std::uint16_t value = 0x1234;
  std::memcpy(picture.samples().data, &value, 2);
  auto again = Picture::decode(picture.encode(MetadataPolicy::safe).value(), "again").value();
  std::memcpy(&value, again.samples().data, 2);
  EXPECT_EQ(value, 0x1234);
  EXPECT_EQ(again.to_rgb({1, 1}).pixels[0], 0x12);
}

TEST(Png, OnlyThePaintedPixelChanges) {
  const Bytes file = make_png({.color_type = PNG_COLOR_TYPE_PALETTE, .bit_depth = 4});
  auto picture = Picture::decode(file, "test.png").value();
  picture.samples().row(5)[7 * 3] ^= 0x40;
  const Bytes before = read_png_rgba(file);
  const Bytes after = read_png_rgba(picture.encode(MetadataPolicy::safe).value());
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(after[i], i == (5 * 23 + 7) * 4 ? before[i] ^ 0x40 : before[i]) << i;
  }
}

TEST(Png, ColourChunksStayAndStandOnce) {
  const Bytes color = joined({png_chunk("gAMA", big_endian(45'455)), png_chunk("gAMA", big_endian(50'000)),
                              png_chunk("cHRM", Bytes(32, 7)), png_chunk("cICP", {9, 16, 0, 1}),
                              png_chunk("pHYs", Bytes(9, 1))});
  const Bytes out = rewritten(with_png_chunks(make_png({}), "IDAT", color));
  for (const auto type : {"gAMA"sv, "cHRM"sv, "cICP"sv, "pHYs"sv}) {
    EXPECT_TRUE(holds(out, type)) << type;
  }
  EXPECT_TRUE(holds(out, "gAMA\0\0\xB1\x8F"sv)) << "the first gAMA counts";
  EXPECT_FALSE(holds(out, "gAMA\0\0\xC3\x50"sv));
  EXPECT_TRUE(Picture::decode(out, "again"));
}

TEST(Png, DamagedColourChunkIsLeftOut) {
  Bytes chunk = png_chunk("gAMA", big_endian(45'455));
  chunk.back() ^= 1;
  EXPECT_FALSE(holds(rewritten(with_png_chunks(make_png({}), "IDAT", chunk)), "gAMA"));
}

TEST(Png, AnimationIsRefusedByName) {
  const Bytes file = with_png_chunks(make_png({}), "IDAT", png_chunk("acTL", Bytes(8, 0)));
  const auto picture = Picture::decode(file, "anim.png");
  ASSERT_FALSE(picture);
  EXPECT_EQ(picture.error().kind, ErrorKind::unsupported);
  EXPECT_THAT(picture.error().message, HasSubstr("anim.png: animated PNG"));
}

TEST(Png, HugeHeaderIsRefusedBeforeMemoryIsTaken) {
  const Bytes header = joined({big_endian(30'000), big_endian(30'000), {8, 6, 0, 0, 0}});
  const Bytes file = joined({bytes_of("\x89PNG\r\n\x1A\n"sv), png_chunk("IHDR", header),
                             png_chunk("IDAT", {1, 2, 3}), png_chunk("IEND", {})});
  const auto picture = Picture::decode(file, "bomb.png");
  ASSERT_FALSE(picture);
  EXPECT_EQ(picture.error().kind, ErrorKind::too_large);
  EXPECT_THAT(picture.error().message, HasSubstr("30000x30000"));
}

TEST(Png, InvalidHeadersAreCorrupt) {
  for (const auto& size : {std::pair{0U, 5U}, {5U, 0U}, {0x8000'0000U, 1U}, {0xFFFF'FFFFU, 0xFFFF'FFFFU}}) {
    const Bytes header = joined({big_endian(size.first), big_endian(size.second), {8, 2, 0, 0, 0}});
    const Bytes file =
        joined({bytes_of("\x89PNG\r\n\x1A\n"sv), png_chunk("IHDR", header), png_chunk("IEND", {})});
    const auto picture = Picture::decode(file, "odd.png");
    ASSERT_FALSE(picture);
    EXPECT_EQ(picture.error().kind, ErrorKind::corrupt) << picture.error().message;
  }
}

}  // namespace
}  // namespace sightline::media
