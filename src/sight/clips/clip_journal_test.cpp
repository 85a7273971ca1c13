#include "sight/clips/clip_journal.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

namespace sightline::clips {
namespace {
namespace fs = std::filesystem;
using tracking::Pass;

class ClipJournalTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "sightline-journal-XXXXXX";
    folder_ = fs::path(::mkdtemp(pattern.data())) / ".clip.mp4.sightline";
  }
  void TearDown() override { fs::remove_all(folder_.parent_path()); }

  static std::vector<analysis::Face> faces(float x) {
    analysis::Face face{{x, 2, 3, 4}, 0.5F, 0.75F, {}};
    face.landmarks[4] = {x + 1, 9};
    return {face, face};
  }
  static void write_chunk(const ClipJournal& journal, int chunk) {
    auto writer = ChunkWriter::create(journal.chunk_path(chunk), {7, 8});
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->add({{1, 2, 3}, 40, true}));
    ASSERT_TRUE(writer->add({{}, -20, false}));
    ASSERT_TRUE(writer->finish());
  }
  fs::path folder_;
};

TEST_F(ClipJournalTest, FolderIsForItsOwnerAlone) {
  const auto journal = ClipJournal::open(folder_, "key");
  ASSERT_TRUE(journal);
  struct stat info{};
  ASSERT_EQ(::stat(folder_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0700U);
}

TEST_F(ClipJournalTest, ReplaysDetectionsInTheirOrderAndGoesOn) {
  {
    const auto journal = ClipJournal::open(folder_, "key").value();
    EXPECT_FALSE(journal->replay(0, Pass::normal));
    ASSERT_TRUE(journal->record(0, Pass::normal, faces(1)));
    ASSERT_TRUE(journal->record(8, Pass::deep, faces(2)));
    ASSERT_TRUE(journal->record(8, Pass::normal, {}));
  }
  {
    const auto journal = ClipJournal::open(folder_, "key").value();
    const auto first = journal->replay(0, Pass::normal);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->size(), 2U);
    EXPECT_EQ((*first)[1].box.x, 1);
    EXPECT_EQ((*first)[1].landmarks[4].x, 2);
    EXPECT_EQ((*first)[0].confidence, 0.75F);
    EXPECT_TRUE(journal->replay(8, Pass::deep));
    // Another question than the recorded one: the rest is void, and new answers take its place.
    EXPECT_FALSE(journal->replay(8, Pass::deep));
    ASSERT_TRUE(journal->record(9, Pass::normal, faces(3)));
  }
  const auto journal = ClipJournal::open(folder_, "key").value();
  EXPECT_TRUE(journal->replay(0, Pass::normal));
  EXPECT_TRUE(journal->replay(8, Pass::deep));
  EXPECT_TRUE(journal->replay(9, Pass::normal));
  EXPECT_FALSE(journal->replay(10, Pass::normal));
}

TEST_F(ClipJournalTest, ATornRecordEndsTheReplay) {
  {
    const auto journal = ClipJournal::open(folder_, "key").value();
    ASSERT_TRUE(journal->record(0, Pass::normal, faces(1)));
    ASSERT_TRUE(journal->record(1, Pass::normal, faces(1)));
  }
  fs::resize_file(folder_ / "detections", fs::file_size(folder_ / "detections") - 5);
  const auto journal = ClipJournal::open(folder_, "key").value();
  EXPECT_TRUE(journal->replay(0, Pass::normal));
  EXPECT_FALSE(journal->replay(1, Pass::normal));
}

TEST_F(ClipJournalTest, CountsWholeChunksAndReadsThemBack) {
  {
    const auto journal = ClipJournal::open(folder_, "key").value();
    write_chunk(*journal, 0);
    write_chunk(*journal, 1);
    write_chunk(*journal, 3);
  }
  const auto journal = ClipJournal::open(folder_, "key").value();
  EXPECT_EQ(journal->whole_chunks(), 2);
  auto reader = ChunkReader::open(journal->chunk_path(0)).value();
  EXPECT_EQ(reader.extradata(), (Bytes{7, 8}));
  const auto packet = reader.next().value();
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->data, (Bytes{1, 2, 3}));
  EXPECT_EQ(packet->pts, 40);
  EXPECT_TRUE(packet->keyframe);
  EXPECT_EQ(reader.next_pts().value(), -20);
  EXPECT_FALSE(reader.next().value());
}

TEST_F(ClipJournalTest, ADamagedChunkIsNotWhole) {
  fs::path chunk;
  {
    const auto journal = ClipJournal::open(folder_, "key").value();
    write_chunk(*journal, 0);
    chunk = journal->chunk_path(0);
  }
  fs::resize_file(chunk, fs::file_size(chunk) - 1);
  EXPECT_EQ(ClipJournal::open(folder_, "key").value()->whole_chunks(), 0);
}

TEST_F(ClipJournalTest, AnotherKeyStartsAfresh) {
  {
    const auto journal = ClipJournal::open(folder_, "key").value();
    write_chunk(*journal, 0);
    ASSERT_TRUE(journal->record(0, Pass::normal, faces(1)));
  }
  const auto journal = ClipJournal::open(folder_, "other").value();
  EXPECT_EQ(journal->whole_chunks(), 0);
  EXPECT_FALSE(journal->replay(0, Pass::normal));
}

TEST_F(ClipJournalTest, OneRunAtATime) {
  const auto journal = ClipJournal::open(folder_, "key").value();
  const auto second = ClipJournal::open(folder_, "key");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::already_exists);
}

TEST_F(ClipJournalTest, ALinkIsNotFollowed) {
  const fs::path elsewhere = folder_.parent_path() / "elsewhere";
  fs::create_directory(elsewhere);
  fs::create_directory_symlink(elsewhere, folder_);
  EXPECT_EQ(ClipJournal::open(folder_, "key").error().kind, ErrorKind::permission_denied);
}

}  // namespace
}  // namespace sightline::clips
