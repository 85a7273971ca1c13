#include "base/process/pipe.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

namespace sightline::process {
namespace {

using namespace std::chrono_literals;

TEST(Pipe, IsClosedInProgramsThatAreStarted) {
  const auto pipe = make_pipe().value();
  EXPECT_EQ(::fcntl(pipe.reading.get(), F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(::fcntl(pipe.writing.get(), F_GETFD), FD_CLOEXEC);
}

TEST(Pipe, ReadsWhatThereIsWithinATime) {
  auto pipe = make_pipe().value();
  std::array<std::uint8_t, 4> buffer{};
  EXPECT_FALSE(is_readable(pipe.reading.get(), 0ms).value());
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(read_within(pipe.reading.get(), buffer, 20ms).value(), std::nullopt);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 20ms);

  ASSERT_EQ(::write(pipe.writing.get(), "abcdef", 6), 6);
  EXPECT_TRUE(is_readable(pipe.reading.get(), 0ms).value());
  EXPECT_EQ(read_within(pipe.reading.get(), buffer, 0ms).value(), 4U) << "as much as the buffer holds";
  EXPECT_EQ(read_within(pipe.reading.get(), buffer, 0ms).value(), 2U) << "as much as there is";
  EXPECT_EQ(buffer[0], 'e');

  ASSERT_EQ(::write(pipe.writing.get(), "g", 1), 1);
  {
    const Descriptor closed = std::move(pipe.writing);
  }
  EXPECT_EQ(read_within(pipe.reading.get(), buffer, 0ms).value(), 1U) << "what was written before the end";
  EXPECT_TRUE(is_readable(pipe.reading.get(), 0ms).value()) << "its end";
  EXPECT_EQ(read_within(pipe.reading.get(), buffer, 0ms).value(), 0U);
}

TEST(Pipe, WhatIsNoOpenFileIsAnError) {
  std::array<std::uint8_t, 4> buffer{};
  EXPECT_EQ(read_within(1'000'000, buffer, 0ms).error().kind, ErrorKind::io);
}

}  // namespace
}  // namespace sightline::process
