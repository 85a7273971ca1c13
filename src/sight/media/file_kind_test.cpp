#include "sight/media/file_kind.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sightline::media {
namespace {

using std::string_view_literals::operator""sv;

Bytes bytes_from(std::string_view text) {
  return {text.begin(), text.end()};
}

/// `packets` transport packets, each after `before` bytes of time stamp.
Bytes transport_stream(std::size_t packets, std::size_t before) {
  Bytes bytes;
  for (std::size_t i = 0; i < packets; ++i) {
    bytes.resize(bytes.size() + before);
    bytes.push_back('G');
    bytes.resize(bytes.size() + 187);
  }
  return bytes;
}

constexpr std::string_view kJpeg = "\xFF\xD8\xFF\xE0";
constexpr std::string_view kPng = "\x89PNG\r\n\x1A\n";
constexpr std::string_view kHeic =
    "\0\0\0\x18"
    "ftypheic\0\0\0\0mif1heic"sv;
constexpr std::string_view kMp4 =
    "\0\0\0\x20"
    "ftypisom\0\0\2\0isomiso2avc1mp41"sv;
constexpr std::string_view kAvi = "RIFF\x10\0\0\0AVI LIST"sv;
constexpr std::string_view kMatroska = "\x1A\x45\xDF\xA3\xA3\x42\x86\x81";
constexpr std::string_view kAsf = "\x30\x26\xB2\x75\x8E\x66\xCF\x11\xA6\xD9\x00\xAA"sv;

TEST(FileKind, ContentSaysWhetherItIsAPictureOrAClip) {
  for (const auto head : {kJpeg, kPng, kHeic, "GIF89a"sv, "II*\0\x08\0\0\0"sv, "P6\n2 2\n255\n"sv}) {
    EXPECT_EQ(file_kind(bytes_from(head)), FileKind::picture) << head;
  }
  for (const auto head :
       {kMp4, kAvi, kMatroska, kAsf, "FLV\1\5"sv, "\0\0\1\xBA\x44"sv, "\0\0\1\xB3\x14"sv,
        "\0\0\0\1\x67\x64"sv, "\0\0\0\1\x40\1\x0C"sv, "YUV4MPEG2 W2 H2\n"sv, "\0\0\0\x08wide\0\0"sv,
        "\0\1\0\0moov"sv, "OggS\0\2\0\0\0\0\0\0\0\0abcd\0\0\0\0efgh\1\x2A\x80theora"sv}) {
    EXPECT_EQ(file_kind(bytes_from(head)), FileKind::clip) << head;
  }
  EXPECT_EQ(file_kind(transport_stream(3, 0)), FileKind::clip);
  EXPECT_EQ(file_kind(transport_stream(3, 4)), FileKind::clip);
  for (const auto head :
       {""sv, "hello"sv, "the free software"sv, "Good morning"sv, "RIFF\x10\0\0\0WAVEfmt "sv,
        "\0\0\0\x20"
        "ftypM4A \0\0\2\0"sv,
        "PK\3\4"sv, "import { a } from 'b'"sv, "OggS\0\2\0\0\0\0\0\0\0\0abcd\0\0\0\0efgh\1\x1E\1vorbis"sv}) {
    EXPECT_EQ(file_kind(bytes_from(head)), FileKind::other) << head;
  }
}

TEST(FileKind, NamesSpeakWhereTheContentDoesNot) {
  for (const char* name : {"a.HEIC", "a.bmp", "a.tiff", "a.avif", "a.gif", "a.dng"}) {
    EXPECT_EQ(file_kind(std::filesystem::path(name)), FileKind::picture) << name;
  }
  for (const char* name : {"a.WMV", "b.flv", "c.ogv", "d.3gp", "e.hevc"}) {
    EXPECT_EQ(file_kind(std::filesystem::path(name)), FileKind::clip) << name;
  }
  for (const char* name : {"notes.txt", "a", "song.m4a", "song.ogg", "jpg"}) {
    EXPECT_EQ(file_kind(std::filesystem::path(name)), FileKind::other) << name;
  }
  EXPECT_TRUE(is_sound_name("song.WMA"));
  EXPECT_FALSE(is_sound_name("song.wmv"));
}

TEST(OutputEnding, SaysWhatIsWritten) {
  const auto ending = [](const char* input, std::string_view head) {
    return output_ending(input, bytes_from(head));
  };
  // Its own, where that is true.
  EXPECT_EQ(ending("a.JPG", kJpeg), ".JPG");
  EXPECT_EQ(ending("a.jfif", kJpeg), ".jfif");
  EXPECT_EQ(ending("a.mov", kMp4), ".mov");
  EXPECT_EQ(ending("a.mkv", kMp4), ".mkv");
  EXPECT_EQ(ending("a.m2ts", ""), ".m2ts");
  // Else that of what is written.
  EXPECT_EQ(ending("a.png", kJpeg), ".jpg");
  EXPECT_EQ(ending("a", kPng), ".png");
  EXPECT_EQ(ending("a.3gp", kMp4), ".mp4");
  EXPECT_EQ(ending("a.jpg", kMp4), ".mp4");
  EXPECT_EQ(ending("a.avi", kAvi), ".mkv");
  EXPECT_EQ(ending("a.wmv", kAsf), ".mkv");
  EXPECT_EQ(ending("a.flv", "FLV\1\5"), ".mkv");
  EXPECT_EQ(ending("a.h264", "\0\0\0\1\x67\x64"sv), ".mkv");
  EXPECT_EQ(output_ending("a.trp", transport_stream(3, 0)), ".ts");
  // What cannot be handled keeps its name, under which its error is reported.
  EXPECT_EQ(ending("a.heic", kHeic), ".heic");
  EXPECT_EQ(ending("a.jpg", kHeic), ".jpg");
  EXPECT_EQ(ending("a.txt", "hello"), ".txt");
}

TEST(PictureEnding, OfAnotherFormatIsRefused) {
  EXPECT_TRUE(check_picture_ending("x.jpeg", PictureFormat::jpeg, "in"));
  EXPECT_TRUE(check_picture_ending("x.PNG", PictureFormat::png, "in"));
  for (const char* name : {"x.png", "x.gif", "x", "x.mp4"}) {
    const auto refused = check_picture_ending(name, PictureFormat::jpeg, "in.jpg");
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid_argument);
    EXPECT_THAT(refused.error().message, testing::HasSubstr(".jpg, .jpeg, .jpe, .jfif, .jif"));
  }
  EXPECT_EQ(picture_format_of("a.WebP"), PictureFormat::webp);
  EXPECT_EQ(picture_format_of("a.mp4"), std::nullopt);
}

}  // namespace
}  // namespace sightline::media
