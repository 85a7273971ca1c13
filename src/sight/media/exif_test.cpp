#include "sight/media/exif.h"

#include <gtest/gtest.h>

#include "sight/media/picture_testing.h"

namespace sightline::media {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)

constexpr std::string_view kThumbnail = "\xFF\xD8\xFF\xE0THUMBNAIL\xFF\xD9"sv;

/// IFD0: orientation 6, Artist, maker note, preview as an ordinary tag, Exif IFD, GPS IFD; IFD1 with a
/// thumbnail. Big-endian; offsets are worked out by hand.
Bytes rich_exif() {
  Bytes tiff = bytes_of("MM\0*\0\0\0\x08"sv);
  const auto row = [](std::uint16_t tag, std::uint16_t type, std::uint32_t count, std::uint32_t value) {
    return joined({{static_cast<std::uint8_t>(tag >> 8), static_cast<std::uint8_t>(tag), 0,
                    static_cast<std::uint8_t>(type)},
                   big_endian(count),
                   big_endian(value)});
  };
  const auto thumbnail_size = static_cast<std::uint32_t>(kThumbnail.size());
  const Bytes ifd0 = joined({{0, 5},
                             row(0x0112, 3, 1, 6U << 16),
                             row(0x013B, 2, 9, 200),               // Artist
                             row(0x8769, 4, 1, 100),               // Exif IFD
                             row(0x8825, 4, 1, 150),               // GPS IFD
                             row(0xC4A5, 7, thumbnail_size, 300),  // a picture where none belongs
                             big_endian(250)});                    // IFD1
  tiff = joined({tiff, ifd0});
  const auto place = [&](std::size_t at, const Bytes& data) {
    tiff.resize(std::max(tiff.size(), at + data.size()));
    std::copy(data.begin(), data.end(), tiff.begin() + static_cast<std::ptrdiff_t>(at));
  };
  place(100, joined({{0, 2}, row(0x927C, 7, 10, 220), row(0x9286, 7, 12, 232), big_endian(0)}));
  place(150, joined({{0, 1}, row(0x0001, 2, 2, 0x4E00'0000), big_endian(0)}));  // North
  place(200, bytes_of("Jane Doe\0"sv));
  place(220, bytes_of("MAKERNOTE!"));
  place(232, bytes_of("USERCOMMENT!"));
  place(250, joined({{0, 2}, row(0x0201, 4, 1, 300), row(0x0202, 4, 1, thumbnail_size), big_endian(0)}));
  place(300, bytes_of(kThumbnail));
  return tiff;
}

TEST(Exif, ReadsOrientationInBothByteOrders) {
  for (int value = 1; value <= 8; ++value) {
    EXPECT_EQ(exif_orientation(exif_with_orientation(value, true)), value);
    EXPECT_EQ(exif_orientation(exif_with_orientation(value, false)), value);
    EXPECT_EQ(exif_orientation(minimal_exif(value)), value);
  }
  EXPECT_EQ(exif_orientation(exif_with_orientation(0, true)), 1);
  EXPECT_EQ(exif_orientation(exif_with_orientation(9, false)), 1);
}

TEST(Exif, CopyKeepsTagsButNoPicture) {
  const Bytes copy = exif_without_pictures(rich_exif(), 6);
  EXPECT_EQ(exif_orientation(copy), 6);
  EXPECT_TRUE(holds(copy, "Jane Doe"));
  EXPECT_TRUE(holds(copy, "USERCOMMENT!"));
  EXPECT_TRUE(holds(copy, "\0\x01\0\x02\0\0\0\x02N\0"sv)) << "the GPS directory";
  EXPECT_FALSE(holds(copy, "THUMBNAIL"));
  EXPECT_FALSE(holds(copy, "MAKERNOTE"));
  EXPECT_EQ(exif_without_pictures(copy, 6), copy) << "a copy of the copy is the same";
}

TEST(Exif, CopyTakesTheOrientationGiven) {
  EXPECT_EQ(exif_orientation(exif_without_pictures(rich_exif(), 3)), 3);
  EXPECT_EQ(exif_orientation(exif_without_pictures(rich_exif(), 1)), 1);
}

TEST(Exif, UnreadableBytesGiveAMinimalBlock) {
  EXPECT_EQ(exif_without_pictures(bytes_of("no TIFF at all"), 8), minimal_exif(8));
}

TEST(Exif, DirectoryLoopsEnd) {
  Bytes tiff = joined({bytes_of("MM\0*\0\0\0\x08\0\x01\x87\x69\0\x04\0\0\0\x01\0\0\0\x08"sv), {0, 0, 0, 8}});
  EXPECT_LT(exif_without_pictures(tiff, 1).size(), 200U);
  EXPECT_EQ(exif_orientation(tiff), 1);
}

TEST(Exif, EveryTruncationAndEveryFlippedByteIsSurvived) {
  const Bytes whole = rich_exif();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(holds(exif_without_pictures(part, exif_orientation(part)), "THUMBNAIL"));
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int flip : {0x01, 0x80, 0xFF}) {
      Bytes damaged = whole;
      damaged[at] ^= static_cast<std::uint8_t>(flip);
      const int orientation = exif_orientation(damaged);
      EXPECT_TRUE(orientation >= 1 && orientation <= 8);
      EXPECT_LT(exif_without_pictures(damaged, orientation).size(), 65'533U);
    }
  }
}

TEST(Exif, LargeBlocksStayWithinAJpegSegment) {
  Bytes tiff = bytes_of("MM\0*\0\0\0\x08\x04\0"sv);  // 1024 rows that all name the same 60,000 bytes
  for (int i = 0; i < 1024; ++i) {
    const auto tag = static_cast<std::uint16_t>(0x1000 + i);
    tiff = joined({tiff,
                   {static_cast<std::uint8_t>(tag >> 8), static_cast<std::uint8_t>(tag), 0, 7},
                   big_endian(60'000),
                   big_endian(0)});
  }
  tiff.resize(70'000);
  EXPECT_LT(exif_without_pictures(tiff, 6).size(), 65'533U);
  EXPECT_EQ(exif_orientation(exif_without_pictures(tiff, 6)), 6);
}

TEST(Xmp, PacketsWithPicturesAreTold) {
  EXPECT_TRUE(xmp_is_picture_free(bytes_of("<dc:creator>Jane</dc:creator>")));
  EXPECT_FALSE(xmp_is_picture_free(bytes_of("<xmpGImg:image>/9j/4AAQ")));
  EXPECT_FALSE(xmp_is_picture_free(bytes_of("hdrgm:Version=\"1.0\"")));
}

TEST(Photoshop, OnlyTheIptcRecordIsTaken) {
  const Bytes thumbnail = joined({bytes_of("8BIM\x04\x0C\0\0"sv), big_endian(5), bytes_of("THUMB"), {0}});
  const Bytes iptc = joined({bytes_of("8BIM\x04\x04\0\0"sv), big_endian(4), bytes_of("NAME")});
  EXPECT_EQ(iptc_resource(joined({thumbnail, iptc})), iptc);
  EXPECT_TRUE(iptc_resource(thumbnail).empty());
  const Bytes both = joined({thumbnail, iptc});
  for (std::size_t size = 0; size < both.size(); ++size) {
    EXPECT_TRUE(iptc_resource({both.data(), size}).empty());
  }
}

TEST(Icc, ProfileIsCutToItsStatedLength) {
  Bytes profile(200, 0);
  profile[3] = 180;
  std::memcpy(&profile[36], "acsp", 4);
  EXPECT_EQ(clean_icc(profile).size(), 180U);
  EXPECT_TRUE(clean_icc({profile.data(), 150}).empty()) << "truncated";
  profile[36] = 'x';
  EXPECT_TRUE(clean_icc(profile).empty());
}

}  // namespace
}  // namespace sightline::media
