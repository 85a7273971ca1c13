#include "app/cli/input_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <thread>

#include "base/file.h"

namespace sightline::cli {
namespace {
namespace fs = std::filesystem;
using testing::HasSubstr;

class InputFileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "sightline-input-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  }
  void TearDown() override { fs::remove_all(folder_); }
  /// What comes of the pipe when `bytes` are written into it.
  Result<InputFile> through_pipe(std::size_t bytes, std::uint64_t most = InputFile::kMostSpooled) {
    const std::jthread writer([&] {
      std::ofstream pipe(folder_ / "pipe", std::ios::binary);
      for (std::size_t left = bytes; left > 0 && pipe; left -= std::min<std::size_t>(left, 1 << 20)) {
        pipe << std::string(std::min<std::size_t>(left, 1 << 20), 'x');
      }
    });
    return InputFile::open(folder_ / "pipe", folder_, {}, most);
  }
  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), {}));
  }
  fs::path folder_;
};

TEST_F(InputFileTest, ARegularFileIsUsedWhereItLies) {
  std::ofstream(folder_ / "a") << "x";
  const auto input = InputFile::open(folder_ / "a", folder_, {});
  ASSERT_TRUE(input);
  EXPECT_EQ(input->path(), folder_ / "a");
  EXPECT_EQ(input->name(), folder_ / "a");
}

TEST_F(InputFileTest, APipeIsCopiedAndCanBeReadTwice) {
  const auto input = through_pipe(5'000'000);
  ASSERT_TRUE(input) << input.error().message;
  for (int i = 0; i < 2; ++i) EXPECT_EQ(read_file(input->path(), 1 << 30).value().size(), 5'000'000U);
  EXPECT_EQ(input->relabelled("'" + input->path().string() + "' is odd"),
            "'" + (folder_ / "pipe").string() + "' is odd");
  EXPECT_EQ(files(), 1U) << "only the pipe has a name";
}

TEST_F(InputFileTest, WhatIsTooLargeForMemoryGoesToANamelessFile) {
  const auto input = through_pipe(std::size_t{70} << 20);
  ASSERT_TRUE(input) << input.error().message;
  EXPECT_EQ(fs::file_size(input->path()), std::size_t{70} << 20);
  EXPECT_THAT(fs::read_symlink(input->path()).string(), HasSubstr(folder_.filename().string()));
  EXPECT_EQ(files(), 1U) << "only the pipe has a name";
}

TEST_F(InputFileTest, ALimitHolds) {
  ::signal(SIGPIPE, SIG_IGN);  // the writer's
  const auto input = through_pipe(3'000'000, 1'000'000);
  ASSERT_FALSE(input);
  EXPECT_EQ(input.error().kind, ErrorKind::too_large);
}

TEST_F(InputFileTest, AStopEndsTheWaitForAWriter) {
  std::stop_source stop;
  stop.request_stop();
  const auto input = InputFile::open(folder_ / "pipe", folder_, stop.get_token());
  ASSERT_FALSE(input);
  EXPECT_EQ(input.error().kind, ErrorKind::cancelled);
}

TEST_F(InputFileTest, AFolderIsNoInput) {
  EXPECT_EQ(InputFile::open(folder_, folder_, {}).error().kind, ErrorKind::invalid_argument);
  EXPECT_EQ(InputFile::open(folder_ / "none", folder_, {}).error().kind, ErrorKind::not_found);
}

TEST(StandardInput, HasSeveralNames) {
  EXPECT_TRUE(is_standard_input("-") && is_standard_input("/dev/stdin") &&
              is_standard_input("/proc/self/fd/0"));
  EXPECT_FALSE(is_standard_input("--") || is_standard_input("clip.mp4"));
}

}  // namespace
}  // namespace sightline::cli
