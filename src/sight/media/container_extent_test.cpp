#include "sight/media/container_extent.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace sightline::media {
namespace {

constexpr std::string_view kMov = "mov,mp4,m4a,3gp,3g2,mj2";

std::optional<MissingBytes> check(const std::string& bytes, std::string_view container) {
  const auto path =
      std::filesystem::temp_directory_path() / ("sightline-extent-" + std::to_string(::getpid()));
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  const auto missing = missing_bytes(path, container);
  std::filesystem::remove(path);
  return missing;
}

std::string big(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(value >> (8 * i));
  return text;
}

std::string box(const std::string& type, std::uint64_t size, std::size_t body) {
  return big(size, 4) + type + std::string(body, 'x');
}

TEST(MissingBytes, IsoBoxes) {
  const std::string start = box("ftyp", 20, 12);
  EXPECT_FALSE(check(start + box("mdat", 108, 100), kMov));
  const auto cut = check(start + box("mdat", 108, 60), kMov);
  ASSERT_TRUE(cut.has_value());
  EXPECT_EQ(cut->announced, 128);
  EXPECT_EQ(cut->present, 88);
  EXPECT_FALSE(check(start + box("mdat", 0, 60), kMov)) << "size 0 reaches to the end";
  EXPECT_FALSE(check(start + box("free", 108, 60), kMov)) << "padding is no loss";
  EXPECT_FALSE(check(start + box("mdat", 7, 60), kMov)) << "no box is smaller than its head";
  const std::string huge = start + big(1, 4) + "mdat" + big(~std::uint64_t{0}, 8) + std::string(50, 'x');
  EXPECT_TRUE(check(huge, kMov));
  EXPECT_TRUE(check(start + big(1, 4) + "mdat" + big(200, 8), kMov));
  EXPECT_FALSE(check(start + big(1, 4) + "mdat" + big(16, 8), kMov));
}

TEST(MissingBytes, MatroskaSegment) {
  const std::string header = big(0x1A45DFA3, 4) + "\x84" + "abcd";
  const std::string segment = big(0x18538067, 4);
  EXPECT_FALSE(check(header + segment + "\x88" + "12345678", "matroska,webm"));
  EXPECT_TRUE(check(header + segment + "\x88" + "1234567", "matroska,webm"));
  EXPECT_TRUE(check(header + segment + "\x01" + big(1000, 7) + "1234567", "matroska,webm"));
  EXPECT_FALSE(check(header + segment + "\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF" + "1", "matroska,webm"))
      << "unknown size";
  EXPECT_FALSE(check(header + segment + std::string(1, '\0') + "1234567", "matroska,webm"));
}

TEST(MissingBytes, RiffLists) {
  const std::string whole = "RIFF" + std::string("\x08\0\0\0", 4) + "AVI abcd";
  EXPECT_FALSE(check(whole, "avi"));
  EXPECT_FALSE(check(whole + "RIFF" + std::string("\x08\0\0\0", 4) + "AVIXabcd", "avi"));
  EXPECT_TRUE(check(whole + "RIFF" + std::string("\x08\0\0\0", 4) + "AVIXabc", "avi"));
  EXPECT_FALSE(check(whole + "some more bytes", "avi"));
}

TEST(MissingBytes, TransportPackets) {
  std::string packets;
  for (int i = 0; i < 6; ++i) packets += "G" + std::string(187, 'x');
  EXPECT_FALSE(check(packets, "mpegts"));
  const auto cut = check(packets.substr(0, packets.size() - 8), "mpegts");
  ASSERT_TRUE(cut.has_value());
  EXPECT_EQ(cut->announced, 6 * 188);
}

TEST(MissingBytes, OtherContainersSayNothing) {
  EXPECT_FALSE(check("", "ogg"));
  for (const std::string_view container :
       {kMov, std::string_view("matroska,webm"), std::string_view("avi"), std::string_view("mpegts")}) {
    EXPECT_FALSE(check("", container));
    EXPECT_FALSE(check("abc", container));
  }
}

}  // namespace
}  // namespace sightline::media
