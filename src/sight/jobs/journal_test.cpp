#include "sight/jobs/journal.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sightline::jobs {
namespace {
namespace fs = std::filesystem;
using tracking::Pass;

class JournalTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "sightline-jobs-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path file() const { return folder_ / "a.detections"; }
  std::unique_ptr<Journal> open() const {
    auto journal = Journal::open(file());
    EXPECT_TRUE(journal) << journal.error().message;
    return std::move(*journal);
  }
  static Detection detection(std::int64_t ordinal) { return {ordinal, 4 * ordinal, Pass::normal, {}}; }
  fs::path folder_;
};

TEST_F(JournalTest, GoesOnWhereItWas) {
  {
    const auto journal = open();
    ASSERT_TRUE(journal->greet({"key"}));
    ASSERT_TRUE(journal->add(detection(0)));
    ASSERT_TRUE(journal->add(detection(1)));
  }
  const auto journal = open();
  EXPECT_EQ(journal->detections(), 2U);
  ASSERT_TRUE(journal->greet({"key"}));
  EXPECT_EQ(journal->detections(), 2U);
  ASSERT_TRUE(journal->add(detection(2)));
  EXPECT_EQ(open()->detections(), 3U);
}

TEST_F(JournalTest, AnotherKeyBeginsAnew) {
  {
    const auto journal = open();
    ASSERT_TRUE(journal->greet({"key"}));
    ASSERT_TRUE(journal->add(detection(0)));
  }
  const auto journal = open();
  ASSERT_TRUE(journal->greet({"another"}));
  EXPECT_EQ(journal->detections(), 0U);
  EXPECT_EQ(open()->detections(), 0U);
}

TEST_F(JournalTest, WhatATornWriteLeftGoes) {
  {
    const auto journal = open();
    ASSERT_TRUE(journal->greet({"key"}));
    ASSERT_TRUE(journal->add(detection(0)));
    ASSERT_TRUE(journal->add(detection(1)));
  }
  fs::resize_file(file(), fs::file_size(file()) - 3);
  const auto journal = open();
  EXPECT_EQ(journal->detections(), 1U);
  ASSERT_TRUE(journal->greet({"key"}));
  ASSERT_TRUE(journal->add(detection(1)));
  EXPECT_EQ(open()->detections(), 2U);
}

TEST_F(JournalTest, AWorkerThatLeavesTheRecordedWayTakesTheRestWithIt) {
  const auto journal = open();
  ASSERT_TRUE(journal->greet({"key"}));
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(journal->add(detection(i)));
  ASSERT_TRUE(journal->add(detection(2)));
  EXPECT_EQ(journal->detections(), 3U);
  EXPECT_EQ(open()->detections(), 3U);
}

TEST_F(JournalTest, GapsAndStrangersAreRefused) {
  const auto journal = open();
  EXPECT_EQ(journal->add(detection(0)).error().kind, ErrorKind::corrupt);
  ASSERT_TRUE(journal->greet({"key"}));
  EXPECT_EQ(journal->add(detection(1)).error().kind, ErrorKind::corrupt);
}

TEST_F(JournalTest, IsForItsOwnerAloneAndNoLinkIsFollowed) {
  (void)open();
  struct stat info{};
  ASSERT_EQ(::stat(file().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  fs::create_symlink("/tmp/elsewhere", folder_ / "link.detections");
  EXPECT_FALSE(Journal::open(folder_ / "link.detections"));
}

}  // namespace
}  // namespace sightline::jobs
