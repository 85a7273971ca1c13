#include "store/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <latch>
#include <thread>

namespace sightline::store {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr std::string_view kMigrations[] = {
    "CREATE TABLE things (account TEXT NOT NULL, name BLOB NOT NULL, size BIGINT, share DOUBLE PRECISION, "
    "note TEXT, "
    "PRIMARY KEY (account, name))",
    "ALTER TABLE things ADD COLUMN extra TEXT; CREATE INDEX things_by_size ON things (account, size)",
};
constexpr std::string_view kInsert =
    "INSERT INTO things (account, name, size, share, note) VALUES ($1, $2, $3, $4, $5)";
constexpr std::string_view kList =
    "SELECT name, size, share, note, extra FROM things WHERE account = $1 ORDER BY name";
constexpr std::string_view kCount = "SELECT COUNT(*) FROM things";
constexpr std::string_view kDelete = "DELETE FROM things WHERE account = $1";
constexpr std::string_view kStatements[] = {kInsert, kList, kCount, kDelete};
constexpr Schema kSchema{"things", kMigrations, kStatements};

BytesView bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

class DatabaseTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "database_XXXXXX").string();
    folder_ = mkdtemp(name.data());
    path_ = folder_ / "things.db";
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::unique_ptr<Database> open(const SqliteOptions& options = {}) const {
    auto opened = open_sqlite(path_, std::span(&kSchema, 1), options);
    EXPECT_TRUE(opened) << opened.error().message;
    return std::move(*opened);
  }

  static Result<void> insert(Database& database, std::string_view name) {
    return database.write([&](Transaction& transaction) -> Result<void> {
      TRY(transaction.execute(kInsert, {"a", bytes(name), 1, 0.5, std::monostate{}}));
      return {};
    });
  }

  static std::int64_t count(Database& database) {
    std::int64_t n = -1;
    EXPECT_TRUE(database.read([&](Transaction& transaction) {
      return transaction.query(kCount, {}, [&](const Row& row) { n = row.integer(0); });
    }));
    return n;
  }

  fs::path folder_;
  fs::path path_;
};

TEST_F(DatabaseTest, KeepsEveryTypeAndSortsBlobsByBytes) {
  const auto database = open();
  ASSERT_TRUE(database->write([](Transaction& transaction) -> Result<void> {
    for (const std::string_view name : {"b", "\xc3\xa4", "B", "", "1"})
      TRY(transaction.execute(kInsert, {"a", bytes(name), INT64_MIN, 0.25, "n\xc3\xb6te"}));
    return {};
  }));
  std::vector<std::string> names;
  ASSERT_TRUE(database->read([&](Transaction& transaction) {
    return transaction.query(kList, {"a"}, [&](const Row& row) {
      const BytesView name = row.bytes(0);
      names.emplace_back(name.begin(), name.end());
      EXPECT_EQ(row.integer(1), INT64_MIN);
      EXPECT_EQ(row.real(2), 0.25);
      EXPECT_EQ(row.text(3), "n\xc3\xb6te");
      EXPECT_TRUE(row.is_null(4));
      EXPECT_EQ(row.integer(3), 0) << "another type reads as empty";
    });
  }));
  EXPECT_THAT(names, testing::ElementsAre("", "1", "B", "b", "\xc3\xa4"));
}

TEST_F(DatabaseTest, AnErrorUndoesItsOwnWriteAlone) {
  const auto database = open();
  ASSERT_TRUE(insert(*database, "kept"));
  bool told = false;
  const auto result = database->write([&](Transaction& transaction) -> Result<void> {
    transaction.after_commit([&] { told = true; });
    TRY(transaction.execute(kInsert, {"a", bytes("undone"), 1, 1.0, "x"}));
    TRY(transaction.execute(kInsert, {"a", bytes("kept"), 1, 1.0, "x"}));
    return {};
  });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::already_exists);
  EXPECT_FALSE(told);
  EXPECT_EQ(count(*database), 1);
  const auto thrown = database->write([](Transaction&) -> Result<void> { throw std::runtime_error("bug"); });
  EXPECT_EQ(thrown.error().kind, ErrorKind::internal);
  EXPECT_TRUE(insert(*database, "after")) << "the database goes on";
}

TEST_F(DatabaseTest, ConcurrentWritersShareCommitsAndFailAlone) {
  std::atomic<int> commits = 0;
  SqliteOptions options;
  options.at_step = [&](WriteStep step) {
    if (step == WriteStep::committed) ++commits;
  };
  const auto database = open(options);
  constexpr int kThreads = 16;
  constexpr int kEach = 25;
  std::atomic<int> refused = 0;
  {
    std::latch start(kThreads);
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        start.arrive_and_wait();
        for (int i = 0; i < kEach; ++i) {
          // Each name twice: one of the two is refused, without harm to those it shares a commit with.
          if (!insert(*database, std::to_string(t / 2) + "/" + std::to_string(i))) ++refused;
        }
      });
    }
  }
  EXPECT_EQ(refused, kThreads * kEach / 2);
  EXPECT_EQ(count(*database), kThreads * kEach / 2);
  EXPECT_LT(commits, kThreads * kEach) << "writers that come together share a commit";
}

TEST_F(DatabaseTest, ReadersSeeASnapshotAndWaitForNobody) {
  const auto database = open();
  ASSERT_TRUE(insert(*database, "one"));
  ASSERT_TRUE(database->write([&](Transaction& transaction) -> Result<void> {
    TRY(transaction.execute(kInsert, {"a", bytes("two"), 1, 1.0, "x"}));
    EXPECT_EQ(count(*database), 1) << "from another connection, before the commit";
    return {};
  }));
  ASSERT_TRUE(database->read([&](Transaction& transaction) -> Result<void> {
    std::int64_t before = 0;
    std::int64_t after = 0;
    TRY(transaction.query(kCount, {}, [&](const Row& row) { before = row.integer(0); }));
    std::jthread([&] { EXPECT_TRUE(insert(*database, "three")); }).join();
    TRY(transaction.query(kCount, {}, [&](const Row& row) { after = row.integer(0); }));
    EXPECT_EQ(before, after);
    return {};
  }));
  EXPECT_EQ(count(*database), 3);
  EXPECT_FALSE(database->read([](Transaction& transaction) -> Result<void> {
    TRY(transaction.execute(kDelete, {"a"}));
    return {};
  })) << "reads do not write";
}

TEST_F(DatabaseTest, MigratesWhatIsOldAndRefusesWhatIsNewer) {
  {
    const Schema first{"things", std::span(kMigrations).first(1), std::span(kStatements).first(1)};
    auto old = open_sqlite(path_, std::span(&first, 1));
    ASSERT_TRUE(old) << old.error().message;
    ASSERT_TRUE(insert(**old, "old"));
  }
  EXPECT_EQ(count(*open()), 1);
  const Schema first{"things", std::span(kMigrations).first(1), {}};
  const auto older = open_sqlite(path_, std::span(&first, 1));
  ASSERT_FALSE(older);
  EXPECT_EQ(older.error().kind, ErrorKind::unsupported);
  EXPECT_THAT(older.error().message, HasSubstr("newer"));
}

TEST_F(DatabaseTest, ABrokenMigrationLeavesNothing) {
  constexpr std::string_view kBroken[] = {kMigrations[0], "CREATE TABLE more (a BIGINT); NONSENSE"};
  const Schema broken{"things", kBroken, {}};
  EXPECT_EQ(open_sqlite(path_, std::span(&broken, 1)).error().kind, ErrorKind::internal);
  EXPECT_EQ(count(*open()), 0) << "the right migrations find an empty file";
}

TEST_F(DatabaseTest, StatementsAreCheckedWhenTheFileIsOpened) {
  constexpr std::string_view kWrong[] = {"SELECT nothing FROM things"};
  const Schema unknown{"things", kMigrations, kWrong};
  EXPECT_EQ(open_sqlite(path_, std::span(&unknown, 1)).error().kind, ErrorKind::internal);
  constexpr std::string_view kSwapped[] = {"SELECT size FROM things WHERE account = $2 AND name = $1"};
  const Schema swapped{"things", kMigrations, kSwapped};
  EXPECT_THAT(open_sqlite(path_, std::span(&swapped, 1)).error().message, HasSubstr("$1, $2"));
  const auto unlisted = open()->write([](Transaction& transaction) -> Result<void> {
    TRY(transaction.execute("DELETE FROM things", {}));
    return {};
  });
  EXPECT_THAT(unlisted.error().message, HasSubstr("no schema's list"));
}

TEST_F(DatabaseTest, DeletedRowsLeaveNoBytesOnceCheckpointed) {
  SqliteOptions options;
  options.erasure = Erasure::secure;
  const auto database = open(options);
  const std::string secret = "a vector that must not be found again";
  ASSERT_TRUE(insert(*database, secret));
  ASSERT_TRUE(database->write([](Transaction& transaction) -> Result<void> {
    TRY(transaction.execute(kDelete, {"a"}));
    return {};
  }));
  ASSERT_TRUE(database->checkpoint());
  for (const auto& entry : fs::directory_iterator(folder_)) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string content{std::istreambuf_iterator<char>(in), {}};
    EXPECT_EQ(content.find(secret), std::string::npos) << entry.path();
  }
}

TEST_F(DatabaseTest, FilesAreForTheirOwnerAlone) {
  const auto database = open();
  ASSERT_TRUE(insert(*database, "x"));
  for (const auto& entry : fs::directory_iterator(folder_)) {
    struct stat info{};
    ASSERT_EQ(::stat(entry.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U) << entry.path();
  }
}

TEST_F(DatabaseTest, DamagedFilesAreNamed) {
  std::ofstream(path_) << std::string(10'000, 'x');
  const auto opened = open_sqlite(path_, std::span(&kSchema, 1));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::corrupt);
  EXPECT_THAT(opened.error().message, HasSubstr(path_.string()));
}

}  // namespace
}  // namespace sightline::store
