#include "base/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "base/sha256.h"

namespace sightline {
namespace {

class FileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "sightline-file-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder_), {}));
  }
  std::filesystem::path folder_;
};

Bytes text_bytes(std::string_view text) {
  return {text.begin(), text.end()};
}

TEST_F(FileTest, AnUncommittedFileLeavesNothing) {
  {
    auto file = PendingFile::create(folder_ / "a.bin");
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->write(text_bytes("half")));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "a.bin"));
  }
  EXPECT_EQ(files(), 0U);
}

TEST_F(FileTest, CommitRefusesAnExistingTargetUnlessToldToReplace) {
  ASSERT_TRUE(write_file_atomically(folder_ / "a", text_bytes("old"), false));
  const auto refused = write_file_atomically(folder_ / "a", text_bytes("new"), false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::already_exists);
  EXPECT_EQ(read_file(folder_ / "a", 10).value(), text_bytes("old"));
  ASSERT_TRUE(write_file_atomically(folder_ / "a", text_bytes("new"), true));
  EXPECT_EQ(read_file(folder_ / "a", 10).value(), text_bytes("new"));
  EXPECT_EQ(files(), 1U);
}

TEST_F(FileTest, ModeIsTheOneAskedFor) {
  ASSERT_TRUE(write_file_atomically(folder_ / "secret", text_bytes("x"), false, 0600));
  struct stat info{};
  ASSERT_EQ(::stat((folder_ / "secret").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(FileTest, ReadIsBounded) {
  ASSERT_TRUE(write_file_atomically(folder_ / "a", text_bytes("12345"), false));
  EXPECT_TRUE(read_file(folder_ / "a", 5));
  const auto over = read_file(folder_ / "a", 4);
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().kind, ErrorKind::too_large);
  // A file without a size of its own is bounded as it is read.
  EXPECT_EQ(read_file("/dev/zero", 100'000).error().kind, ErrorKind::too_large);
  EXPECT_EQ(read_file(folder_ / "none", 4).error().kind, ErrorKind::not_found);
}

TEST_F(FileTest, Sha256MatchesTheStandardsExample) {
  const std::string expected =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";  // FIPS 180-4, "abc"
  EXPECT_EQ(sha256_hex(text_bytes("abc")), expected);
  ASSERT_TRUE(write_file_atomically(folder_ / "abc", text_bytes("abc"), false));
  EXPECT_EQ(sha256_file(folder_ / "abc").value(), expected);
  EXPECT_EQ(sha256_file(folder_ / "none").error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace sightline
