// What VideoReader refuses, and what it does with clips that are damaged.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sight/media/clip_testing.h"
#include "sight/media/video_reader.h"

namespace sightline::media {
namespace {

using test::bytes_of_file;
using test::clip_folder;
using test::ClipRead;
using test::make_clip;
using test::pattern;
using test::read_clip;
using test::write_bytes;
using ::testing::AllOf;
using ::testing::HasSubstr;

const std::string kX264Fast = "-c:v libx264 -preset ultrafast ";
const std::string k420 = "-pix_fmt yuv420p ";

std::filesystem::path write_text(const std::string& name, const std::string& text) {
  return write_bytes(name, {text.begin(), text.end()});
}

void expect_refused(const std::filesystem::path& path, ErrorKind kind, const std::string& part) {
  const ClipRead read = read_clip(path);
  ASSERT_TRUE(read.error.has_value()) << path;
  EXPECT_EQ(read.error->kind, kind) << read.message();
  EXPECT_THAT(read.message(), AllOf(HasSubstr(path.filename().string()), HasSubstr(part)));
  EXPECT_EQ(read.message().find('\n'), std::string::npos) << read.message();
}

TEST(VideoReaderRefuses, WhatIsNoFile) {
  expect_refused(clip_folder() / "nowhere.mp4", ErrorKind::not_found, "");
  expect_refused(clip_folder(), ErrorKind::invalid_argument, "folder");
  test::output_of("mkfifo pipe.mp4");
  expect_refused(clip_folder() / "pipe.mp4", ErrorKind::invalid_argument, "regular file");
}

TEST(VideoReaderRefuses, MoreStreamsThanAreReadByThatReason) {
  const auto one = make_clip("one.mp4", pattern("16x16", "0.04") + "-c:v mpeg4");
  const auto of = [&](const std::string& name, int count) {
    std::string arguments = "-i '" + one.string() + "' -c copy";
    for (int i = 0; i < count; ++i) arguments += " -map 0:v";
    return make_clip(name, arguments);
  };
  expect_refused(of("many.mp4", 201), ErrorKind::corrupt, "(it has more than 200 streams)");
  EXPECT_EQ(read_clip(of("enough.mp4", 200)).message(), "");
}

TEST(VideoReaderRefuses, WhatIsNoClip) {
  expect_refused(write_text("empty.mp4", ""), ErrorKind::corrupt, "empty");
  expect_refused(write_text("text.mp4", "Dear diary,\ntoday I made no clip.\n"), ErrorKind::corrupt,
                 "mp4, mov");
  expect_refused(write_text("zeros.mp4", std::string(100'000, '\0')), ErrorKind::corrupt, "");
  std::vector<std::uint8_t> noise(200'000);
  std::uint32_t state = 1;
  for (std::uint8_t& byte : noise)
    byte = static_cast<std::uint8_t>((state = state * 1664525U + 1013904223U) >> 24);
  EXPECT_TRUE(read_clip(write_bytes("noise.mp4", noise)).error.has_value());
  expect_refused(
      write_text("list.m3u8",
                 "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n"),
      ErrorKind::unsupported, "playlist");
  expect_refused(write_text("list.ffconcat", "ffconcat version 1.0\nfile /etc/passwd\n"),
                 ErrorKind::unsupported, "playlist");
}

TEST(VideoReaderRefuses, PicturesAndSound) {
  expect_refused(make_clip("still.png", pattern("64x64", "0.04") + "-frames:v 1 -update 1"),
                 ErrorKind::unsupported, "picture");
  expect_refused(make_clip("moving.gif", pattern("64x64", "0.4")), ErrorKind::unsupported, "animated");
  expect_refused(make_clip("moving.apng", pattern("64x64", "0.4")), ErrorKind::unsupported, "animated");
  expect_refused(make_clip("sound.m4a", "-f lavfi -i sine=duration=1 -c:a aac"), ErrorKind::unsupported,
                 "no video");
}

TEST(VideoReaderRefuses, PixelFormatsThatWouldBeChanged) {
  expect_refused(make_clip("444.mp4", pattern("64x64", "0.2") + kX264Fast + "-pix_fmt yuv444p"),
                 ErrorKind::unsupported, "yuv444p");
  expect_refused(make_clip("rgb.mkv", pattern("64x64", "0.2") + "-c:v libx264rgb"), ErrorKind::unsupported,
                 "gbrp");
  expect_refused(
      make_clip("alpha.webm", pattern("64x64", "0.2") + "-c:v libvpx-vp9 -pix_fmt yuva420p -cpu-used 8"),
      ErrorKind::unsupported, "transparent");
}

TEST(VideoReaderRefuses, InterlacedClips) {
  const std::string interlace = "-vf tinterlace=interleave_top,fieldorder=tff -flags +ilme+ildct ";
  expect_refused(make_clip("fields.mp4", pattern("64x64", "0.4") + interlace + kX264Fast + k420),
                 ErrorKind::unsupported, "bwdif");
  expect_refused(make_clip("fields.ts", pattern("64x64", "0.4") + interlace + "-c:v mpeg2video"),
                 ErrorKind::unsupported, "bwdif");
}

TEST(VideoReaderRefuses, OversizedPictures) {
  // A 16400-pixel-wide MPEG-4 clip costs little to make; nothing of it is to be decoded.
  expect_refused(make_clip("wide.mkv", "-f lavfi -i color=size=16400x16:duration=0.04:rate=25 -c:v ffv1"),
                 ErrorKind::too_large, "16400x16");
}

TEST(VideoReaderRefuses, ASizeThatChangesMidway) {
  make_clip("part-1.ts", pattern("64x64", "0.4") + kX264Fast + k420);
  make_clip("part-2.ts", pattern("96x64", "0.4") + kX264Fast + k420);
  test::output_of("cat part-1.ts part-2.ts > parts.ts");
  const ClipRead read = read_clip(clip_folder() / "parts.ts");
  EXPECT_EQ(read.pts.size(), 10U);
  ASSERT_TRUE(read.error.has_value());
  EXPECT_EQ(read.error->kind, ErrorKind::unsupported);
  EXPECT_THAT(read.message(), AllOf(HasSubstr("64x64"), HasSubstr("96x64")));
}

TEST(VideoReaderRefuses, AndKeepsRefusing) {
  make_clip("part-1.ts", pattern("64x64", "0.2") + kX264Fast + k420);
  make_clip("part-2.ts", pattern("96x64", "0.2") + kX264Fast + k420);
  test::output_of("cat part-1.ts part-2.ts > parts.ts");
  auto reader = VideoReader::open(clip_folder() / "parts.ts");
  ASSERT_TRUE(reader.has_value());
  for (int i = 0; i < 20 && reader->next(); ++i) {
  }
  EXPECT_FALSE(reader->next().has_value());
}

/// The first `share` of a two-second clip's bytes.
std::filesystem::path cut(const std::filesystem::path& whole, double share) {
  auto bytes = bytes_of_file(whole);
  bytes.resize(static_cast<std::size_t>(static_cast<double>(bytes.size()) * share));
  return write_bytes("cut-" + whole.filename().string(), bytes);
}

TEST(VideoReaderDamage, AFileCutShortIsReadAsFarAsItGoes) {
  for (const std::string name : {"long.mp4", "long.mkv", "long.avi", "long.ts", "long-fragments.mp4"}) {
    std::string options = kX264Fast + k420 + "-g 10 ";
    if (name == "long.avi") options = "-c:v mpeg4 -g 10 ";
    if (name == "long.mp4") options += "-movflags +faststart ";
    if (name == "long-fragments.mp4") options += "-movflags frag_keyframe+empty_moov ";
    const auto whole = make_clip(name, pattern("160x90", "2") + options);
    EXPECT_EQ(read_clip(whole).pts.size(), 50U) << name;
    EXPECT_EQ(read_clip(whole).damage, "") << name;
    const ClipRead read = read_clip(cut(whole, 0.501));
    ASSERT_EQ(read.message(), "") << name;
    EXPECT_GE(read.pts.size(), 15U) << name;
    EXPECT_LE(read.pts.size(), 35U) << name;
    EXPECT_THAT(read.damage, HasSubstr("the file ends early")) << name;
    if (name == "long.mp4" || name == "long.mkv") {
      EXPECT_THAT(read.damage, HasSubstr(" s of 2.0 s")) << name;
    }
  }
}

TEST(VideoReaderDamage, NothingLeftToDecode) {
  const auto front =
      make_clip("front.mp4", pattern("160x90", "1") + kX264Fast + k420 + "-movflags +faststart");
  // The index is whole (it comes first), but of the pictures only the first bytes are there.
  const auto bytes = bytes_of_file(front);
  const std::string type = "mdat";
  const auto data = std::search(bytes.begin(), bytes.end(), type.begin(), type.end());
  ASSERT_NE(data, bytes.end());
  expect_refused(write_bytes("head.mp4", {bytes.begin(), data + 12}), ErrorKind::corrupt, "no picture");
  // The index comes last and is gone.
  const auto back = make_clip("back.mp4", pattern("160x90", "1") + kX264Fast + k420);
  expect_refused(cut(back, 0.7), ErrorKind::corrupt, "whole");
}

TEST(VideoReaderDamage, BrokenPacketsAreSkippedAndCounted) {
  const auto whole = make_clip("sound-pictures.mp4", pattern("160x90", "2") + kX264Fast + k420 + "-g 10");
  auto bytes = bytes_of_file(whole);
  const std::string type = "mdat";
  const auto data = std::search(bytes.begin(), bytes.end(), type.begin(), type.end()) - bytes.begin();
  for (std::size_t i = bytes.size() / 3; i < bytes.size() / 3 + 3000; ++i) bytes[i] = 0;
  ASSERT_LT(static_cast<std::size_t>(data), bytes.size() / 3);
  const ClipRead read = read_clip(write_bytes("holes.mp4", bytes));
  ASSERT_EQ(read.message(), "");
  EXPECT_GE(read.pts.size(), 30U);
  EXPECT_THAT(read.damage, HasSubstr("damaged"));
}

TEST(VideoReaderDamage, BytesAfterTheClipAreNone) {
  const auto whole = make_clip("plain.mp4", pattern("160x90", "0.4") + kX264Fast + k420);
  auto bytes = bytes_of_file(whole);
  for (int i = 0; i < 5000; ++i) bytes.push_back(static_cast<std::uint8_t>(i * 7));
  const ClipRead read = read_clip(write_bytes("trailing.mp4", bytes));
  EXPECT_EQ(read.pts.size(), 10U);
  EXPECT_EQ(read.damage, "");
}

}  // namespace
}  // namespace sightline::media
