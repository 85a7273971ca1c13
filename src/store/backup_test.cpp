#include "store/backup.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>

#include <atomic>
#include <fstream>
#include <map>
#include <thread>

#include "base/descriptor.h"
#include "base/file.h"
#include "store/blobs.h"
#include "store/stores.h"

namespace sightline::store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kObjectMigrations[] = {
    "CREATE TABLE objects (name TEXT NOT NULL PRIMARY KEY, blob TEXT NOT NULL, n BIGINT NOT NULL)"};
constexpr std::string_view kPutObject =
    "INSERT INTO objects (name, blob, n) VALUES ($1, $2, $3) "
    "ON CONFLICT (name) DO UPDATE SET blob = excluded.blob, n = excluded.n";
constexpr std::string_view kListObjects = "SELECT name, blob, n FROM objects";
constexpr std::string_view kObjectStatements[] = {kPutObject, kListObjects};
const Schema kObjects{"objects", kObjectMigrations, kObjectStatements};

struct Object {
  std::string blob;
  std::int64_t n = 0;
};

/// Objects whose contents are replaced all the time.
class Kept {
 public:
  explicit Kept(const fs::path& folder)
      : blobs_(open_blob_folder(folder / "blobs", random_).value()),
        database_(stores_in_folder(folder)->open({"objects", {kObjects}}).value()),
        inner_((fs::create_directories(folder / "inner"),
                stores_in_folder(folder)->open({"inner/objects", {kObjects}}).value())) {}

  /// As a bucket does it: the content, the row, and then the content of before goes.
  void put(const std::string& name, std::int64_t n) {
    auto writer = blobs_->create().value();
    ASSERT_TRUE(writer->write(std::to_string(n)));
    const BlobId blob = writer->commit().value();
    const auto before = list().find(name);
    const std::string replaced = before == list_.end() ? "" : before->second.blob;
    ASSERT_TRUE(database_->write([&](Transaction& transaction) -> Result<void> {
      TRY(transaction.execute(kPutObject, {name, blob.text(), n}));
      return {};
    }));
    ASSERT_TRUE(inner_->write([&](Transaction& transaction) -> Result<void> {
      TRY(transaction.execute(kPutObject, {name, blob.text(), n}));
      return {};
    }));
    if (!replaced.empty()) {
      ASSERT_TRUE(blobs_->remove(*BlobId::parse(replaced)));
    }
  }

  const std::map<std::string, Object>& list() {
    list_ = list_of(*database_);
    return list_;
  }
  std::map<std::string, Object> list_inner() { return list_of(*inner_); }

  std::string content(const std::string& blob) {
    const auto reader = blobs_->open(*BlobId::parse(blob));
    if (!reader) return reader.error().message;
    std::string text((*reader)->size(), '\0');
    return (*reader)->read_at(0, text) ? text : "";
  }

 private:
  static std::map<std::string, Object> list_of(Database& database) {
    std::map<std::string, Object> found;
    EXPECT_TRUE(database.read([&](Transaction& transaction) {
      found.clear();
      return transaction.query(kListObjects, {}, [&](const Row& row) {
        found[std::string(row.text(0))] = {std::string(row.text(1)), row.integer(2)};
      });
    }));
    return found;
  }

  SystemRandom random_;
  std::unique_ptr<BlobStore> blobs_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Database> inner_;
  std::map<std::string, Object> list_;
};

class BackupTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "sightline-backup-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    data_ = folder_ / "data";
    fs::create_directories(data_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  /// Backs up while contents are replaced, again and again, and looks at what is restored from each.
  void back_up_under_writes(const fs::path& target) {
    Kept kept(data_);
    std::atomic<std::int64_t> acknowledged = 0;
    std::jthread writer([&](const std::stop_token& stop) {
      for (std::int64_t n = 1; !stop.stop_requested(); ++n) {
        kept.put("object-" + std::to_string(n % 20), n);
        acknowledged = n;
      }
    });
    while (acknowledged < 40) std::this_thread::yield();
    for (int round = 0; round < 5; ++round) {
      const std::int64_t before = acknowledged;
      const auto size = back_up(data_, target, {});
      ASSERT_TRUE(size) << size.error().message;
      EXPECT_EQ(size->databases, 2U);
      EXPECT_GE(size->blobs, 20U);
      const fs::path restored = folder_ / "restored";
      const auto back = restore_backup(target, restored, {});
      ASSERT_TRUE(back) << back.error().message;
      Kept copy(restored);
      std::int64_t newest = 0;
      for (const auto& [name, object] : copy.list()) {
        EXPECT_EQ(copy.content(object.blob), std::to_string(object.n)) << name;
        newest = std::max(newest, object.n);
      }
      EXPECT_EQ(copy.list().size(), 20U);
      EXPECT_GE(newest, before) << "acknowledged before the backup began";
      std::int64_t inner_newest = 0;
      for (const auto& [name, object] : copy.list_inner()) inner_newest = std::max(inner_newest, object.n);
      EXPECT_TRUE(inner_newest == newest || inner_newest == newest - 1) << inner_newest << " of " << newest;
      fs::remove_all(target);
      fs::remove_all(restored);
      ASSERT_FALSE(fs::exists(data_ / "backup-blobs"));
    }
  }

  fs::path folder_;
  fs::path data_;
};

TEST_F(BackupTest, IsOfOneInstantWhateverIsWritten) {
  back_up_under_writes(folder_ / "backup");
}

TEST_F(BackupTest, ToAnotherFileSystemToo) {
  // Where links cannot go; a temporary file system is there on every Linux that these tests run on.
  std::string name = "/dev/shm/sightline-backup-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) GTEST_SKIP() << "no /dev/shm";
  back_up_under_writes(fs::path(name) / "backup");
  fs::remove_all(name);
}

TEST_F(BackupTest, TakesTheNamedFilesWithIt) {
  {
    Kept kept(data_);
  }
  std::ofstream(data_ / "key") << "secret";
  ASSERT_TRUE(back_up(data_, folder_ / "backup", {"key", "not-there"}));
  ASSERT_TRUE(restore_backup(folder_ / "backup", folder_ / "restored", {"key", "not-there"}));
  const auto key = read_file(folder_ / "restored" / "key", 100);
  ASSERT_TRUE(key);
  EXPECT_EQ(std::string(key->begin(), key->end()), "secret");
  EXPECT_EQ(fs::status(folder_ / "restored" / "key").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(fs::status(folder_ / "restored" / "objects.db").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(fs::status(folder_ / "restored").permissions(), fs::perms::owner_all);
}

TEST_F(BackupTest, OverwritesNothing) {
  {
    Kept kept(data_);
  }
  fs::create_directories(folder_ / "there");
  std::ofstream(folder_ / "there" / "precious") << "!";
  EXPECT_EQ(back_up(data_, folder_ / "there", {}).error().kind, ErrorKind::already_exists);
  EXPECT_EQ(restore_backup(data_, folder_ / "there", {}).error().kind, ErrorKind::already_exists);
  EXPECT_TRUE(fs::exists(folder_ / "there" / "precious"));
  fs::create_directories(folder_ / "empty");
  EXPECT_TRUE(back_up(data_, folder_ / "empty/", {}));
  EXPECT_EQ(back_up(folder_ / "there", folder_ / "other", {}).error().kind, ErrorKind::not_found);
}

TEST_F(BackupTest, DoesNotGoIntoWhatItCopies) {
  {
    Kept kept(data_);
  }
  fs::create_directory_symlink(data_ / "inner", folder_ / "link");
  for (const fs::path& inside : {data_ / "backup", data_ / "inner" / "a" / "b", data_ / "../data/backup/",
                                 folder_ / "link" / "backup"}) {
    const auto refused = back_up(data_, inside, {});
    ASSERT_FALSE(refused) << inside;
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid_argument) << inside;
    EXPECT_NE(refused.error().message.find("'" + inside.string() + "' lies in '" + data_.string() + "'"),
              std::string::npos)
        << refused.error().message;
    EXPECT_FALSE(fs::exists(inside));
  }
  EXPECT_TRUE(back_up(data_, folder_ / "data-too", {})) << "a name that begins alike";
  EXPECT_EQ(restore_backup(folder_ / "data-too", folder_ / "data-too" / "new", {}).error().kind,
            ErrorKind::invalid_argument);
}

TEST_F(BackupTest, FoldersMayVanishMeanwhile) {
  {
    Kept kept(data_);
  }
  // Many: whoever has listed them finds some of them gone.
  for (int i = 0; i < 100; ++i) fs::create_directories(data_ / "jobs" / std::to_string(i));
  std::jthread remover([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      fs::rename(data_ / "jobs", folder_ / "gone");
      fs::rename(folder_ / "gone", data_ / "jobs");
    }
  });
  for (int round = 0; round < 200; ++round) {
    // It fails after it has looked through the folder.
    const auto refused = back_up(data_, data_.parent_path(), {});
    ASSERT_FALSE(refused);
    ASSERT_EQ(refused.error().kind, ErrorKind::already_exists) << refused.error().message;
  }
}

TEST_F(BackupTest, WhatAKilledOneLeftIsRemovedUnlessOneIsUnderWay) {
  const fs::path left = data_ / "backup-blobs" / "ab";
  fs::create_directories(left);
  {
    const Descriptor under_way(::open(data_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ASSERT_EQ(::flock(under_way.get(), LOCK_EX), 0);
    EXPECT_TRUE(clean_up_after_backups(data_));
    EXPECT_TRUE(fs::exists(left));
  }
  EXPECT_TRUE(clean_up_after_backups(data_));
  EXPECT_FALSE(fs::exists(data_ / "backup-blobs"));
  EXPECT_EQ(clean_up_after_backups(folder_ / "nothing").error().kind, ErrorKind::not_found);
}

TEST_F(BackupTest, ADamagedOneIsNotRestored) {
  {
    Kept kept(data_);
    for (int i = 0; i < 200; ++i) kept.put(std::string(200, 'x') + std::to_string(i), i);
  }
  ASSERT_TRUE(back_up(data_, folder_ / "backup", {}));
  {
    std::fstream file(folder_ / "backup" / "objects.db", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(3 * 4096);
    for (int i = 0; i < 8192; ++i) file.put('\x5a');
  }
  const auto back = restore_backup(folder_ / "backup", folder_ / "restored", {});
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().kind, ErrorKind::corrupt) << back.error().message;
  EXPECT_FALSE(fs::exists(folder_ / "restored"));
  for (const auto& entry : fs::directory_iterator(folder_))
    EXPECT_EQ(entry.path().string().find("unfinished"), std::string::npos);
}

}  // namespace
}  // namespace sightline::store
