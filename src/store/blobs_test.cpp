#include "store/blobs.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>

namespace sightline::store {
namespace {

namespace fs = std::filesystem;

class BlobsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "blobs_XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::unique_ptr<BlobStore> open() {
    auto store = open_blob_folder(folder_ / "blobs", random_);
    EXPECT_TRUE(store) << store.error().message;
    return std::move(*store);
  }

  static BlobId put(BlobStore& store, std::string_view content) {
    auto writer = store.create();
    EXPECT_TRUE(writer && (*writer)->write(content));
    auto id = (*writer)->commit();
    EXPECT_TRUE(id) << id.error().message;
    return *id;
  }

  static std::string get(BlobStore& store, const BlobId& id, std::uint64_t offset = 0,
                         std::size_t length = 100) {
    const auto reader = store.open(id);
    if (!reader) return "(none)";
    std::string out(length, '\0');
    const auto n = (*reader)->read_at(offset, out);
    EXPECT_TRUE(n);
    out.resize(*n);
    return out;
  }

  /// Regular files below the folder.
  std::set<std::string> files() const {
    std::set<std::string> out;
    for (const auto& entry : fs::recursive_directory_iterator(folder_))
      if (entry.is_regular_file()) out.insert(entry.path().string());
    return out;
  }

  SystemRandom random_;
  fs::path folder_;
};

TEST_F(BlobsTest, WritesInPiecesAndReadsRanges) {
  const auto store = open();
  auto writer = store->create();
  ASSERT_TRUE(writer);
  for (const std::string_view piece : {"01234", "", "56789"}) ASSERT_TRUE((*writer)->write(piece));
  const auto id = (*writer)->commit();
  ASSERT_TRUE(id);
  EXPECT_EQ(get(*store, *id), "0123456789");
  EXPECT_EQ(get(*store, *id, 3, 4), "3456");
  EXPECT_EQ(get(*store, *id, 8, 4), "89");
  EXPECT_EQ(get(*store, *id, 11, 4), "");
  EXPECT_EQ((*store->open(*id))->size(), 10U);
  EXPECT_EQ(get(*open(), *id), "0123456789") << "after a restart";
}

TEST_F(BlobsTest, WhatIsNotCommittedLeavesNothing) {
  const auto store = open();
  {
    auto writer = store->create();
    ASSERT_TRUE((*writer)->write(std::string_view("half")));
    EXPECT_EQ(files().size(), 1U);
  }
  EXPECT_TRUE(files().empty());
}

TEST_F(BlobsTest, KilledWritersAreSweptAtTheNextStart) {
  const BlobId kept = put(*open(), "kept");
  const pid_t child = ::fork();
  if (child == 0) {
    auto store = open_blob_folder(folder_ / "blobs", random_);
    auto writer = (*store)->create();
    static_cast<void>((*writer)->write(std::string(100'000, 'x')));
    ::kill(::getpid(), SIGKILL);
  }
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(files().size(), 2U) << "the killed writer's file lies there";
  const auto store = open();
  EXPECT_EQ(files().size(), 1U);
  EXPECT_EQ(get(*store, kept), "kept");
}

TEST_F(BlobsTest, RemovedBlobsStayWithThoseWhoReadThem) {
  const auto store = open();
  const BlobId id = put(*store, "content");
  const auto reader = store->open(id);
  ASSERT_TRUE(store->remove(id));
  EXPECT_TRUE(store->remove(id)) << "again";
  EXPECT_EQ(store->open(id).error().kind, ErrorKind::not_found);
  std::string out(7, '\0');
  EXPECT_EQ((*reader)->read_at(0, out), 7U);
  EXPECT_EQ(out, "content");
}

TEST_F(BlobsTest, TheFileIsForReadingAndOutlivesReaderAndBlob) {
  const auto store = open();
  const BlobId id = put(*store, "content");
  const auto file = store->open(id).value()->file();
  ASSERT_TRUE(file);
  ASSERT_TRUE(store->remove(id));
  std::string out(10, '\0');
  EXPECT_EQ(::pread(file->get(), out.data(), out.size(), 0), 7);
  EXPECT_EQ(out.substr(0, 7), "content");
  EXPECT_LT(::pwrite(file->get(), "x", 1, 0), 0);
}

TEST_F(BlobsTest, SweepRemovesWhatNobodyKnowsOfAnEarlierProcess) {
  auto store = open();
  const BlobId known = put(*store, "known");
  const BlobId orphan = put(*store, "orphan");
  store = open();
  std::optional<BlobId> on_its_way;
  const auto in_use = [&](const BlobId& id) {
    // Written in the midst of the sweep, and in no table yet.
    if (!on_its_way) on_its_way = put(*store, "on its way");
    return id == known;
  };
  const BlobId early = put(*store, "early");
  EXPECT_EQ(store->sweep(in_use, {}), 1U);
  EXPECT_EQ(get(*store, known), "known");
  EXPECT_EQ(get(*store, orphan), "(none)");
  EXPECT_EQ(get(*store, early), "early");
  ASSERT_TRUE(on_its_way);
  EXPECT_EQ(get(*store, *on_its_way), "on its way");
  EXPECT_EQ(store->sweep(in_use, {}), 2U) << "again, when nothing is under way";
}

TEST_F(BlobsTest, ASweepStopsWhenItIsAskedTo) {
  auto store = open();
  put(*store, "orphan");
  store = open();
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(store->sweep([](const BlobId&) { return false; }, stop.get_token()), 0U);
  EXPECT_EQ(store->sweep([](const BlobId&) { return false; }, {}), 1U);
}

TEST_F(BlobsTest, IdsAreNoPaths) {
  EXPECT_FALSE(BlobId::parse("../../../../../../../etc/passwd1"));
  EXPECT_FALSE(BlobId::parse("0123456789ABCDEF0123456789ABCDEF"));
  EXPECT_FALSE(BlobId::parse("0123"));
  EXPECT_TRUE(BlobId::parse("0123456789abcdef0123456789abcdef"));
}

TEST_F(BlobsTest, FoldersAndFilesAreForTheirOwnerAlone) {
  const auto store = open();
  put(*store, "x");
  for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
    struct stat info{};
    ASSERT_EQ(::stat(entry.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0077, 0U) << entry.path();
  }
}

}  // namespace
}  // namespace sightline::store
