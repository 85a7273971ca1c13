// What an output carries of the input's metadata: planted, then looked for byte by byte.

#include <gtest/gtest.h>

#include <webp/mux.h>

#include "sight/media/exif.h"
#include "sight/media/picture.h"
#include "sight/media/picture_testing.h"

namespace sightline::media {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)

/// What no output may hold under any policy, planted in places of their own.
constexpr std::string_view kPictures[] = {"THUMBNAIL_EXIF", "THUMBNAIL_IRB", "MAKERNOTE",    "MPF_INDEX",
                                          "TRAILER",        "JFXX_THUMB",    "EXTENDED_XMP", "RAWPROFILE"};
/// What identifies in words: gone under `safe`, kept under `keep`.
constexpr std::string_view kWords[] = {"SERIAL123", "GPSMARK", "XMP_PERSON", "IPTC_NAME", "A_COMMENT"};

Bytes row(std::uint16_t tag, std::uint8_t type, std::uint32_t count, std::uint32_t value) {
  return joined({{static_cast<std::uint8_t>(tag >> 8), static_cast<std::uint8_t>(tag), 0, type},
                 big_endian(count),
                 big_endian(value)});
}

Bytes planted_exif() {
  Bytes tiff = joined({bytes_of("MM\0*\0\0\0\x08"sv),
                       {0, 3},
                       row(0x0112, 3, 1, 6U << 16),
                       row(0x8769, 4, 1, 60),
                       row(0x8825, 4, 1, 100),
                       big_endian(140)});
  const auto place = [&](std::size_t at, const Bytes& data) {
    tiff.resize(std::max(tiff.size(), at + data.size()));
    std::copy(data.begin(), data.end(), tiff.begin() + static_cast<std::ptrdiff_t>(at));
  };
  place(60, joined({{0, 2}, row(0x927C, 7, 9, 180), row(0xA431, 2, 9, 190), big_endian(0)}));
  place(100, joined({{0, 1}, row(0x001B, 7, 7, 200), big_endian(0)}));
  place(140, joined({{0, 2}, row(0x0201, 4, 1, 220), row(0x0202, 4, 1, 18), big_endian(0)}));
  place(180, bytes_of("MAKERNOTE"));
  place(190, bytes_of("SERIAL123"));
  place(200, bytes_of("GPSMARK"));
  place(220, bytes_of("\xFF\xD8\xFF\xE0THUMBNAIL_EXIF"sv));
  return tiff;
}

Bytes icc_profile() {
  Bytes profile(252, 0);
  for (std::size_t i = 132; i < profile.size(); ++i)
    profile[i] = static_cast<std::uint8_t>(i * i * 37 + i / 3);
  std::fill_n(profile.begin() + 128, 4, std::uint8_t{0});  // no tags
  profile[3] = 252;
  profile[8] = 4;  // version
  for (const auto& [at, text] :
       {std::pair{12, "mntr"}, {16, "RGB "}, {20, "XYZ "}, {36, "acsp"}, {150, "ICCMARK"}}) {
    std::memcpy(&profile[static_cast<std::size_t>(at)], text, std::strlen(text));
  }
  // D50, as libpng demands
  const Bytes white = joined({big_endian(0xF6D6), big_endian(0x10000), big_endian(0xD32D)});
  std::ranges::copy(white, profile.begin() + 68);
  return profile;
}

Bytes planted_jpeg() {
  const auto irb = [](std::string_view id, std::string_view data) {
    return joined({bytes_of("8BIM"),
                   bytes_of(id),
                   {0, 0},
                   big_endian(static_cast<std::uint32_t>(data.size())),
                   bytes_of(data),
                   Bytes(data.size() % 2, 0)});
  };
  JpegRecipe recipe;
  recipe.icc = icc_profile();
  recipe.markers = {
      {JPEG_APP0, bytes_of("JFXX\0\x10JFXX_THUMB"sv)},
      {JPEG_APP0 + 1, joined({bytes_of("Exif\0\0"sv), planted_exif()})},
      {JPEG_APP0 + 1, bytes_of("http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>XMP_PERSON</x:xmpmeta>"sv)},
      {JPEG_APP0 + 1, bytes_of("http://ns.adobe.com/xmp/extension/\0EXTENDED_XMP"sv)},
      {JPEG_APP0 + 2, bytes_of("MPF\0MPF_INDEX"sv)},
      {JPEG_APP0 + 13, joined({bytes_of("Photoshop 3.0\0"sv), irb("\x04\x0C", "THUMBNAIL_IRB"),
                               irb("\x04\x04", "IPTC_NAME")})},
      {JPEG_COM, bytes_of("A_COMMENT")},
  };
  return joined({make_jpeg(recipe), make_jpeg({}),
                 bytes_of("\0\0\0\x18"
                          "ftypmp42TRAILER"sv)});
}

Bytes planted_png() {
  const Bytes ancillary =
      joined({png_chunk("eXIf", planted_exif()), png_chunk("tEXt", bytes_of("Comment\0A_COMMENT"sv)),
              png_chunk("iTXt", bytes_of("XML:com.adobe.xmp\0\0\0\0\0XMP_PERSON"sv)),
              png_chunk("tEXt", bytes_of("Author\0IPTC_NAME"sv)),
              png_chunk("tEXt", bytes_of("Raw profile type exif\0RAWPROFILE"sv)),
              png_chunk("prVt", bytes_of("TRAILER"))});
  return joined({with_png_chunks(make_png({}), "IDAT", ancillary), bytes_of("TRAILER")});
}

Bytes planted_webp() {
  const Bytes plain = Picture::from_rgb(pattern_image(40, 30)).encode_as(PictureFormat::webp).value();
  WebPMux* mux = WebPMuxNew();
  const WebPData image{plain.data(), plain.size()};
  WebPMuxSetImage(mux, &image, 1);
  const auto add = [&](const char* name, const Bytes& data) {
    const WebPData chunk{data.data(), data.size()};
    WebPMuxSetChunk(mux, name, &chunk, 1);
  };
  add("ICCP", icc_profile());
  add("EXIF", joined({bytes_of("Exif\0\0"sv), planted_exif()}));
  add("XMP ", bytes_of("XMP_PERSON IPTC_NAME A_COMMENT"));
  add("priv", bytes_of("TRAILER"));
  WebPData out{};
  WebPMuxAssemble(mux, &out);
  Bytes file(out.bytes, out.bytes + out.size);
  WebPDataClear(&out);
  WebPMuxDelete(mux);
  return joined({file, bytes_of("TRAILER")});
}

struct Planted {
  const char* name;
  Bytes file;
};
std::vector<Planted> all_planted() {
  return {{"jpeg", planted_jpeg()}, {"png", planted_png()}, {"webp", planted_webp()}};
}

TEST(PictureMetadata, SafeCarriesNothingButOrientationAndProfile) {
  for (const Planted& planted : all_planted()) {
    SCOPED_TRACE(planted.name);
    auto picture = Picture::decode(planted.file, planted.name);
    ASSERT_TRUE(picture) << picture.error().message;
    const Bytes out = picture->encode(MetadataPolicy::safe).value();
    for (const auto mark : kPictures) EXPECT_FALSE(holds(out, mark)) << mark;
    for (const auto mark : kWords) EXPECT_FALSE(holds(out, mark)) << mark;
    EXPECT_EQ(exif_from_orientation(Picture::decode(out, "again")->orientation()), 6);
  }
}

TEST(PictureMetadata, KeepCarriesWordsButNoPicture) {
  for (const Planted& planted : all_planted()) {
    SCOPED_TRACE(planted.name);
    for (const auto mark : kWords) EXPECT_TRUE(holds(planted.file, mark)) << "not planted: " << mark;
    const Bytes out = Picture::decode(planted.file, planted.name)->encode(MetadataPolicy::keep).value();
    for (const auto mark : kPictures) EXPECT_FALSE(holds(out, mark)) << mark;
    for (const auto mark : kWords) EXPECT_TRUE(holds(out, mark)) << mark;
    EXPECT_EQ(exif_from_orientation(Picture::decode(out, "again")->orientation()), 6);
  }
}

TEST(PictureMetadata, ProfileStaysUnderBothPolicies) {
  for (const auto policy : {MetadataPolicy::safe, MetadataPolicy::keep}) {
    for (const Bytes& file : {planted_jpeg(), planted_webp()}) {
      EXPECT_TRUE(holds(Picture::decode(file, "icc")->encode(policy).value(), "ICCMARK"));
    }
  }
}

TEST(PictureMetadata, PngProfileStaysAndComesBackTheSame) {
  png_structp png = nullptr;
  png_infop info = nullptr;
  // The builder writes no profile: let the encoder do it, by way of a JPEG's.
  const Bytes profile = icc_profile();
  const auto stored = [](const Bytes& data) {  // a zlib stream with one stored block
    std::uint32_t a = 1;
    std::uint32_t b = 0;
    for (const std::uint8_t byte : data) {
      a = (a + byte) % 65521;
      b = (b + a) % 65521;
    }
    const auto n = static_cast<std::uint8_t>(data.size());
    return joined(
        {{0x78, 0x01, 0x01, n, 0, static_cast<std::uint8_t>(~n), 0xFF}, data, big_endian(b << 16 | a)});
  };
  const Bytes chunk = png_chunk("iCCP", joined({bytes_of("name\0\0"sv), stored(profile)}));
  const Bytes file = with_png_chunks(make_png({}), "IDAT", chunk);
  const Bytes once = Picture::decode(file, "icc.png")->encode(MetadataPolicy::safe).value();
  EXPECT_TRUE(holds(once, "iCCP"));
  png = png_create_read_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  info = png_create_info_struct(png);
  std::span<const std::uint8_t> left(once);
  png_set_read_fn(png, &left, [](png_structp from, png_bytep out, std::size_t count) {
    auto* source = static_cast<std::span<const std::uint8_t>*>(png_get_io_ptr(from));
    std::copy_n(source->begin(), count, out);
    *source = source->subspan(count);
  });
  png_read_info(png, info);
  png_charp name = nullptr;
  png_bytep data = nullptr;
  png_uint_32 length = 0;
  int compression = 0;
  ASSERT_NE(png_get_iCCP(png, info, &name, &compression, &data, &length), 0U);
  EXPECT_EQ(Bytes(data, data + length), profile);
  png_destroy_read_struct(&png, &info, nullptr);
}

TEST(PictureMetadata, XmpThatAnnouncesPicturesGoesUnderKeepToo) {
  JpegRecipe recipe;
  recipe.markers = {
      {JPEG_APP0 + 1, bytes_of("http://ns.adobe.com/xap/1.0/\0<xmpGImg:image>/9j/XMP_THUMB"sv)}};
  EXPECT_FALSE(
      holds(Picture::decode(make_jpeg(recipe), "x")->encode(MetadataPolicy::keep).value(), "XMP_THUMB"));
}

TEST(PictureMetadata, EveryOrientationIsHonouredAndKeptInEveryFormat) {
  const RgbImage image = pattern_image(32, 16);
  for (int exif = 1; exif <= 8; ++exif) {
    for (const bool little : {false, true}) {
      const Bytes tiff = exif_with_orientation(exif, little);
      JpegRecipe recipe;
      recipe.markers = {{JPEG_APP0 + 1, joined({bytes_of("Exif\0\0"sv), tiff})}};
      const Bytes plain_webp = Picture::from_rgb(image).encode_as(PictureFormat::webp).value();
      const Bytes vp8x = joined({bytes_of("VP8X"), {10, 0, 0, 0}, {8, 0, 0, 0}, {31, 0, 0}, {15, 0, 0}});
      const Bytes exif_chunk =
          joined({bytes_of("EXIF"), {static_cast<std::uint8_t>(tiff.size()), 0, 0, 0}, tiff});
      const Bytes body =
          joined({bytes_of("WEBP"), vp8x, Bytes(plain_webp.begin() + 12, plain_webp.end()), exif_chunk});
      const auto length = static_cast<std::uint32_t>(body.size());
      const Bytes webp = joined({bytes_of("RIFF"),
                                 {static_cast<std::uint8_t>(length), static_cast<std::uint8_t>(length >> 8),
                                  static_cast<std::uint8_t>(length >> 16), 0},
                                 body});
      const Bytes png = with_png_chunks(make_png({}), "IDAT", png_chunk("eXIf", tiff));
      for (const Bytes& file : {make_jpeg(recipe), png, webp}) {
        auto picture = Picture::decode(file, "turned");
        ASSERT_TRUE(picture) << picture.error().message;
        EXPECT_EQ(picture->orientation(), orientation_from_exif(exif));
        EXPECT_EQ(picture->displayed_size(), orientation_from_exif(exif).displayed(picture->stored_size()));
        const Bytes out = picture->encode(MetadataPolicy::safe).value();
        auto again = Picture::decode(out, "again").value();
        EXPECT_EQ(again.orientation(), picture->orientation());
        EXPECT_EQ(again.stored_size(), picture->stored_size());
        EXPECT_EQ(again.to_rgb(again.displayed_size()).pixels,
                  picture->to_rgb(picture->displayed_size()).pixels);
        EXPECT_EQ(holds(out, "MM\0*"sv), exif != 1) << "EXIF only where there is something to say";
      }
    }
  }
}

}  // namespace
}  // namespace sightline::media
