// What database.h promises, over SQLite and over a real PostgreSQL.

#include "store/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <future>
#include <iterator>
#include <latch>
#include <thread>

#include "store/postgres_test_database.h"
#include "store/postgres_test_support.h"
#include "store/stores.h"

namespace sightline::store {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kMigrations[] = {
    "CREATE TABLE things (account TEXT NOT NULL, name BLOB NOT NULL, size BIGINT, share DOUBLE PRECISION, "
    "note TEXT, "
    "PRIMARY KEY (account, name))",
    "ALTER TABLE things ADD COLUMN extra TEXT; ALTER TABLE things ADD COLUMN content BLOB; CREATE INDEX "
    "things_by_size ON things (account, size)",
};
constexpr std::string_view kInsert =
    "INSERT INTO things (account, name, size, share, note) VALUES ($1, $2, $3, $4, $5)";
constexpr std::string_view kInsertNew =
    "INSERT INTO things (account, name, size) VALUES ($1, $2, $3) ON CONFLICT (account, name) DO NOTHING";
constexpr std::string_view kList =
    "SELECT name, size, share, note, extra FROM things WHERE account = $1 ORDER BY name";
constexpr std::string_view kCount = "SELECT COUNT(*) FROM things";
constexpr std::string_view kSum = "SELECT SUM(size) FROM things";
constexpr std::string_view kGrow = "UPDATE things SET size = size + $1 WHERE account = $2 RETURNING size";
constexpr std::string_view kSetSize = "UPDATE things SET size = $1 WHERE account = $2 AND name = $3";
constexpr std::string_view kSetContent = "UPDATE things SET content = $1 WHERE account = $2";
constexpr std::string_view kContent = "SELECT content FROM things WHERE account = $1";
constexpr std::string_view kDelete = "DELETE FROM things WHERE account = $1";
constexpr std::string_view kStatements[] = {kInsert, kInsertNew, kList,       kCount,   kSum,
                                            kGrow,   kSetSize,   kSetContent, kContent, kDelete};
constexpr Schema kSchema{"things", kMigrations, kStatements};

BytesView bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

Result<void> insert(Database& database, std::string_view name) {
  return database.write([&](Transaction& transaction) -> Result<void> {
    TRY(transaction.execute(kInsert, {"a", bytes(name), 1, 0.5, std::monostate{}}));
    return {};
  });
}

Result<std::int64_t> number(Transaction& transaction, std::string_view statement) {
  std::int64_t n = -1;
  TRY(transaction.query(statement, {}, [&](const Row& row) { n = row.integer(0); }));
  return n;
}

std::int64_t count(Database& database, std::string_view statement = kCount) {
  std::int64_t n = -1;
  EXPECT_TRUE(database.read([&](Transaction& transaction) -> Result<void> {
    n = TRY(number(transaction, statement));
    return {};
  }));
  return n;
}

class DatabaseTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "database_XXXXXX").string();
    folder_ = mkdtemp(name.data());
    path_ = folder_ / "things.db";
  }
  void TearDown() override { fs::remove_all(folder_); }

  /// Stores of the same content each time.
  [[nodiscard]] virtual std::unique_ptr<Stores> stores(const StoreOptions& options) const {
    return stores_in_folder(folder_, options);
  }
  [[nodiscard]] Result<std::unique_ptr<Database>> try_open(const Schema& schema) const {
    return stores({})->open({"things", {schema}});
  }
  [[nodiscard]] std::unique_ptr<Database> open(const StoreOptions& options = {},
                                               Erasure erasure = Erasure::lazy) const {
    auto opened = stores(options)->open({"things", {kSchema}, erasure});
    EXPECT_TRUE(opened) << opened.error().message;
    return std::move(*opened);
  }

  fs::path folder_;
  fs::path path_;
};

enum class Kind : std::uint8_t { sqlite, postgres };

class Contract : public DatabaseTest, public testing::WithParamInterface<Kind> {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    if (GetParam() == Kind::sqlite) return;
    if (!postgres) postgres = std::make_unique<test::Postgres>();
    where_ = postgres->create_database();
    ASSERT_NE(where_, "") << postgres->problem();
  }
  [[nodiscard]] std::unique_ptr<Stores> stores(const StoreOptions& options) const override {
    if (GetParam() == Kind::sqlite) return DatabaseTest::stores(options);
    return std::make_unique<test::PostgresStores>(where_, options);
  }
  static void TearDownTestSuite() { postgres.reset(); }

 private:
  static std::unique_ptr<test::Postgres> postgres;
  std::string where_;
};

std::unique_ptr<test::Postgres> Contract::postgres;

INSTANTIATE_TEST_SUITE_P(Engines, Contract, testing::Values(Kind::sqlite, Kind::postgres),
                         [](const testing::TestParamInfo<Kind>& engine) {
                           return engine.param == Kind::sqlite ? "Sqlite" : "Postgres";
                         });

TEST_P(Contract, KeepsEveryTypeAndSortsBlobsByBytes) {
  const auto database = open();
  ASSERT_TRUE(database->write([](Transaction& transaction) -> Result<void> {
    for (const std::string_view name : {"b", "\xc3\xa4", "B", "", "1"})
      TRY(transaction.execute(kInsert, {"a", bytes(name), INT64_MIN, 0.1, "n\xc3\xb6te"}));
    return {};
  }));
  std::vector<std::string> names;
  ASSERT_TRUE(database->read([&](Transaction& transaction) {
    return transaction.query(kList, {"a"}, [&](const Row& row) {
      const BytesView name = row.bytes(0);
      names.emplace_back(name.begin(), name.end());
      EXPECT_EQ(row.integer(1), INT64_MIN);
      EXPECT_EQ(row.real(2), 0.1);
      EXPECT_EQ(row.text(3), "n\xc3\xb6te");
      EXPECT_TRUE(row.is_null(4));
      EXPECT_EQ(row.integer(3), 0) << "another type reads as empty";
      EXPECT_EQ(row.text(1), "");
      EXPECT_TRUE(row.bytes(3).empty());
    });
  }));
  EXPECT_THAT(names, ElementsAre("", "1", "B", "b", "\xc3\xa4"));
}

TEST_P(Contract, NothingAndEmptyAreTwoThings) {
  const auto database = open();
  ASSERT_TRUE(database->write([](Transaction& transaction) -> Result<void> {
    TRY(transaction.execute(kInsert,
                            {"a", BytesView(), std::monostate{}, std::monostate{}, std::string_view()}));
    TRY(transaction.execute(kInsert, {"a", bytes("1"), 0, 0.0, std::monostate{}}));
    return {};
  }));
  std::vector<bool> nothing;
  ASSERT_TRUE(database->read([&](Transaction& transaction) {
    return transaction.query(kList, {"a"}, [&](const Row& row) {
      for (const int column : {0, 1, 2, 3}) nothing.push_back(row.is_null(column));
    });
  }));
  EXPECT_THAT(nothing, ElementsAre(false, true, true, false, false, false, false, true));
}

TEST_P(Contract, ABlobMayBeLargeAndHoldAnything) {
  const auto database = open();
  std::string blob;
  for (int i = 0; i < 1'000'000; ++i) blob.push_back(static_cast<char>(i * 7));
  ASSERT_TRUE(database->write([&](Transaction& transaction) -> Result<void> {
    TRY(transaction.execute(kInsert, {"a", bytes("x"), 1, 1.0, "x"}));
    TRY(transaction.execute(kSetContent, {bytes(blob), "a"}));
    return {};
  }));
  std::string kept;
  ASSERT_TRUE(database->read([&](Transaction& transaction) {
    return transaction.query(kContent, {"a"},
                             [&](const Row& row) { kept.assign(row.bytes(0).begin(), row.bytes(0).end()); });
  }));
  EXPECT_TRUE(kept == blob);
}

TEST_P(Contract, ChangedRowsAreCounted) {
  const auto database = open();
  std::vector<std::int64_t> changed;
  std::vector<std::int64_t> sizes;
  ASSERT_TRUE(database->write([&](Transaction& transaction) -> Result<void> {
    changed.clear();
    sizes.clear();
    changed.push_back(TRY(transaction.execute(kInsert, {"a", bytes("1"), 1, 0.5, "x"})));
    changed.push_back(TRY(transaction.execute(kInsertNew, {"a", bytes("2"), 2})));
    changed.push_back(TRY(transaction.execute(kInsertNew, {"a", bytes("2"), 3})));
    changed.push_back(TRY(transaction.execute(kSetSize, {2, "a", bytes("2")})));
    changed.push_back(TRY(transaction.execute(kSetSize, {2, "a", bytes("3")})));
    TRY(transaction.query(kGrow, {10, "a"}, [&](const Row& row) { sizes.push_back(row.integer(0)); }));
    changed.push_back(TRY(transaction.execute(kDelete, {"a"})));
    return {};
  }));
  EXPECT_THAT(changed, ElementsAre(1, 1, 0, 1, 0, 2));
  EXPECT_THAT(sizes, testing::UnorderedElementsAre(11, 12));
}

TEST_P(Contract, AnErrorUndoesItsOwnWriteAlone) {
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
  const auto null = database->write([](Transaction& transaction) -> Result<void> {
    TRY(transaction.execute(kInsert, {std::monostate{}, bytes("x"), 1, 1.0, "x"}));
    return {};
  });
  EXPECT_EQ(null.error().kind, ErrorKind::invalid_argument);
  const auto thrown = database->write([](Transaction&) -> Result<void> { throw std::runtime_error("bug"); });
  EXPECT_EQ(thrown.error().kind, ErrorKind::internal);
  EXPECT_TRUE(insert(*database, "after")) << "the database goes on";
}

TEST_P(Contract, NothingGoesOnAfterAStatementThatFailed) {
  const auto database = open();
  ASSERT_TRUE(insert(*database, "kept"));
  const auto result = database->write([](Transaction& transaction) -> Result<void> {
    TRY(transaction.execute(kInsert, {"a", bytes("undone"), 1, 1.0, "x"}));
    EXPECT_FALSE(transaction.execute(kInsert, {"a", bytes("kept"), 1, 1.0, "x"}));
    EXPECT_EQ(transaction.execute(kInsert, {"a", bytes("too"), 1, 1.0, "x"}).error().kind,
              ErrorKind::internal);
    return {};
  });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::internal);
  EXPECT_EQ(count(*database), 1);
}

TEST_P(Contract, ConcurrentWritersShareCommitsAndFailAlone) {
  std::atomic<int> commits = 0;
  StoreOptions options;
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

TEST_P(Contract, AWriteThatIsNotWaitedForIsToldOfInTurn) {
  std::promise<void> begun;
  std::promise<void> gate;
  std::atomic<int> commits = 0;
  StoreOptions options;
  options.at_step = [&](WriteStep step) {
    if (step == WriteStep::committed) ++commits;
  };
  std::vector<std::string> told;
  constexpr int kMany = 50;
  {
    const auto database = open(options);
    // The first holds the others up, so they come together.
    database->write(
        [&, opened = gate.get_future().share()](Transaction&) -> Result<void> {
          begun.set_value();
          opened.wait();
          return {};
        },
        [&](const Result<void>& done) { told.emplace_back(done ? "first" : "?"); });
    begun.get_future().wait();
    for (int i = 0; i < kMany; ++i) {
      database->write(
          [&, i](Transaction& transaction) -> Result<void> {
            TRY(transaction.execute(kInsert, {"a", bytes(std::to_string(i / 2)), 1, 1.0, "x"}));
            transaction.after_commit([&told, i] { told.push_back("after " + std::to_string(i)); });
            return {};
          },
          [&, i](const Result<void>& done) {
            told.push_back((done ? "done " : "refused ") + std::to_string(i));
          });
    }
    EXPECT_TRUE(told.empty()) << "this thread was not held";
    gate.set_value();
    // The database ends with what is queued.
  }
  EXPECT_EQ(commits, 2);
  ASSERT_EQ(told.size(), 1 + kMany + kMany / 2);
  EXPECT_EQ(told[0], "first");
  for (int i = 0; i < kMany / 2; ++i) {
    const std::size_t at = 1 + static_cast<std::size_t>(i) * 3;
    EXPECT_EQ(told[at], "after " + std::to_string(2 * i));
    EXPECT_EQ(told[at + 1], "done " + std::to_string(2 * i));
    EXPECT_EQ(told[at + 2], "refused " + std::to_string(2 * i + 1));
  }
  EXPECT_EQ(count(*open()), kMany / 2);
}

TEST_P(Contract, AWriteNeitherWaitsNorReadsBesideItself) {
  const auto database = open();
  ASSERT_TRUE(database->write([&](Transaction&) -> Result<void> {
    EXPECT_EQ(insert(*database, "x").error().kind, ErrorKind::internal);
    EXPECT_EQ(database->read([](Transaction&) -> Result<void> { return {}; }).error().kind,
              ErrorKind::internal);
    EXPECT_EQ(database->checkpoint().error().kind, ErrorKind::internal);
    return {};
  }));
}

TEST_P(Contract, WorkThatIsRunTwiceIsThereOnce) {
  const auto database = open({.run_twice = true});
  int runs = 0;
  int told = 0;
  ASSERT_TRUE(database->write([&](Transaction& transaction) -> Result<void> {
    ++runs;
    transaction.after_commit([&] { ++told; });
    TRY(transaction.execute(kInsert, {"a", bytes("x"), 1, 1.0, "x"}));
    return {};
  }));
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(told, 1);
  EXPECT_EQ(count(*database), 1);
}

/// Two that write to the same tables, as two processes do.
void write_from_two(Database& one, Database& other, int each,
                    const std::function<void(Database&, int writer, int i)>& write) {
  std::latch start(4);
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      start.arrive_and_wait();
      for (int i = 0; i < each; ++i) write(t % 2 == 0 ? one : other, t, i);
    });
  }
}

TEST_P(Contract, WhatWasCountedStillHoldsWhenItIsWritten) {
  const auto one = open();
  const auto other = open();
  constexpr std::int64_t kLimit = 30;
  std::atomic<int> refused = 0;
  write_from_two(*one, *other, 20, [&](Database& database, int writer, int i) {
    const auto written = database.write([&](Transaction& transaction) -> Result<void> {
      if (TRY(number(transaction, kCount)) >= kLimit) return fail(ErrorKind::too_large, "full");
      const std::string name = std::to_string(writer) + "/" + std::to_string(i);
      TRY(transaction.execute(kInsert, {"a", bytes(name), 1, 1.0, "x"}));
      return {};
    });
    if (!written) {
      EXPECT_EQ(written.error().kind, ErrorKind::too_large) << written.error().message;
      ++refused;
    }
  });
  EXPECT_EQ(count(*one), kLimit);
  EXPECT_EQ(refused, 80 - kLimit);
}

TEST_P(Contract, NoChangeOfAnotherProcessIsLost) {
  const auto one = open();
  const auto other = open();
  ASSERT_TRUE(insert(*one, "x"));
  write_from_two(*one, *other, 10, [&](Database& database, int, int) {
    const auto written = database.write([&](Transaction& transaction) -> Result<void> {
      // Read, then written.
      const std::int64_t sum = TRY(number(transaction, kSum));
      TRY(transaction.execute(kSetSize, {sum + 1, "a", bytes("x")}));
      return {};
    });
    EXPECT_TRUE(written) << written.error().message;
  });
  EXPECT_EQ(count(*other, kSum), 41);
}

TEST_P(Contract, ReadersSeeASnapshotAndWaitForNobody) {
  const auto database = open();
  ASSERT_TRUE(insert(*database, "one"));
  ASSERT_TRUE(database->write([&](Transaction& transaction) -> Result<void> {
    TRY(transaction.execute(kInsert, {"a", bytes("two"), 1, 1.0, "x"}));
    std::jthread([&] { EXPECT_EQ(count(*database), 1) << "before the commit"; }).join();
    return {};
  }));
  ASSERT_TRUE(database->read([&](Transaction& transaction) -> Result<void> {
    const std::int64_t before = TRY(number(transaction, kCount));
    std::jthread([&] { EXPECT_TRUE(insert(*database, "three")); }).join();
    EXPECT_EQ(TRY(number(transaction, kCount)), before);
    return {};
  }));
  EXPECT_EQ(count(*database), 3);
  EXPECT_FALSE(database->read([](Transaction& transaction) -> Result<void> {
    TRY(transaction.execute(kDelete, {"a"}));
    return {};
  })) << "reads do not write";
}

TEST_P(Contract, MigratesWhatIsOldAndRefusesWhatIsNewer) {
  {
    auto old = try_open({"things", std::span(kMigrations).first(1), std::span(kStatements).first(1)});
    ASSERT_TRUE(old) << old.error().message;
    ASSERT_TRUE(insert(**old, "old"));
  }
  EXPECT_EQ(count(*open()), 1);
  const auto older = try_open({"things", std::span(kMigrations).first(1), {}});
  ASSERT_FALSE(older);
  EXPECT_EQ(older.error().kind, ErrorKind::unsupported);
  EXPECT_THAT(older.error().message, HasSubstr("newer"));
}

TEST_P(Contract, ABrokenMigrationLeavesNothing) {
  constexpr std::string_view kBroken[] = {kMigrations[0], "CREATE TABLE more (a BIGINT); NONSENSE"};
  EXPECT_EQ(try_open({"things", kBroken, {}}).error().kind, ErrorKind::internal);
  EXPECT_EQ(count(*open()), 0) << "the right migrations find nothing";
}

TEST_P(Contract, StatementsAreCheckedWhenTheTablesAreOpened) {
  constexpr std::string_view kWrong[] = {"SELECT nothing FROM things"};
  EXPECT_EQ(try_open({"things", kMigrations, kWrong}).error().kind, ErrorKind::internal);
  constexpr std::string_view kSwapped[] = {"SELECT size FROM things WHERE account = $2 AND name = $1"};
  EXPECT_THAT(try_open({"things", kMigrations, kSwapped}).error().message, HasSubstr("$1, $2"));
  const auto database = open();
  const auto unlisted = database->write([](Transaction& transaction) -> Result<void> {
    TRY(transaction.execute("DELETE FROM things", {}));
    return {};
  });
  EXPECT_THAT(unlisted.error().message, HasSubstr("no schema's list"));
  const auto too_few = database->write([](Transaction& transaction) -> Result<void> {
    TRY(transaction.execute(kDelete, {}));
    return {};
  });
  EXPECT_EQ(too_few.error().kind, ErrorKind::internal);
}

TEST_F(DatabaseTest, DeletedRowsLeaveNoBytesOnceCheckpointed) {
  const auto database = open({}, Erasure::secure);
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
  EXPECT_FALSE(stores({})->holds("things"));
  const auto database = open();
  EXPECT_TRUE(stores({})->holds("things"));
  ASSERT_TRUE(insert(*database, "x"));
  for (const auto& entry : fs::directory_iterator(folder_)) {
    struct stat info{};
    ASSERT_EQ(::stat(entry.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U) << entry.path();
  }
}

TEST_F(DatabaseTest, DamagedFilesAreNamed) {
  std::ofstream(path_) << std::string(10'000, 'x');
  const auto opened = try_open(kSchema);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::corrupt);
  EXPECT_THAT(opened.error().message, HasSubstr(path_.string()));
}

}  // namespace
}  // namespace sightline::store
