#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>

#include "store/sqlite.h"

namespace sightline::store {
namespace {

/// Writes that share one commit, at most: bounds how long the first one waits.
constexpr std::size_t kMaxGroup = 64;

constexpr const char* kVersionTable =
    "CREATE TABLE IF NOT EXISTS schema_version (name TEXT NOT NULL PRIMARY KEY, version BIGINT NOT NULL)";
constexpr std::string_view kReadVersion = "SELECT version FROM schema_version WHERE name = $1";
constexpr std::string_view kSetVersion =
    "INSERT INTO schema_version (name, version) VALUES ($1, $2) "
    "ON CONFLICT (name) DO UPDATE SET version = excluded.version";
/// Answers 1 first when a reader still needs the journal.
constexpr std::string_view kTruncate = "PRAGMA wal_checkpoint(TRUNCATE)";
constexpr std::string_view kOwnStatements[] = {kTruncate};
constexpr std::string_view kVersionStatements[] = {kReadVersion, kSetVersion};

Result<void> migrate(SqliteConnection& connection, const Schema& schema) {
  std::int64_t version = 0;
  TRY(connection.query(kReadVersion, {schema.name}, [&](const Row& row) { version = row.integer(0); }));
  const auto known = static_cast<std::int64_t>(schema.migrations.size());
  if (version > known)
    return fail(
        ErrorKind::unsupported,
        fmt::format("the tables of {} have version {}, which a newer Sightline made; this one knows {}",
                    schema.name, version, known));
  for (; version < known; ++version) {
    TRY(connection.run(std::string(schema.migrations[static_cast<std::size_t>(version)]).c_str()));
    TRY(connection.query(kSetVersion, {schema.name, version + 1}, [](const Row&) {}));
  }
  return {};
}

/// All of it or nothing, and one process at a time.
Result<void> migrate_all(SqliteConnection& connection, std::span<const Schema> schemas) {
  TRY(connection.run("BEGIN IMMEDIATE"));
  const auto migrated = [&]() -> Result<void> {
    TRY(connection.run(kVersionTable));
    TRY(connection.prepare(kVersionStatements));
    for (const Schema& schema : schemas) TRY(migrate(connection, schema));
    return connection.run("COMMIT");
  }();
  if (!migrated && connection.in_transaction()) static_cast<void>(connection.run("ROLLBACK"));
  return migrated;
}

class SqliteTransaction final : public Transaction {
 public:
  explicit SqliteTransaction(SqliteConnection& connection) : connection_(connection) {}

  Result<std::int64_t> execute(std::string_view sql, std::initializer_list<Value> values) override {
    TRY(connection_.query(sql, values, [](const Row&) {}));
    return connection_.changes();
  }
  Result<void> query(std::string_view sql, std::initializer_list<Value> values,
                     const std::function<void(const Row&)>& visit) override {
    return connection_.query(sql, values, visit);
  }
  void after_commit(std::move_only_function<void()> callback) override {
    callbacks_.push_back(std::move(callback));
  }
  void committed() {
    for (auto& callback : callbacks_) callback();
  }

 private:
  SqliteConnection& connection_;
  std::vector<std::move_only_function<void()>> callbacks_;
};

/// Work that throws is a bug, but must not leave a transaction open.
Result<void> run_guarded(const Database::Work& work, Transaction& transaction) {
  try {
    return work(transaction);
  } catch (const std::exception& error) {
    return fail(ErrorKind::internal, fmt::format("a transaction's work threw: {}", error.what()));
  }
}

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(std::filesystem::path path, std::span<const Schema> schemas, SqliteOptions options)
      : path_(std::move(path)), schemas_(schemas.begin(), schemas.end()), options_(std::move(options)) {}

  Result<void> open() {
    writer_ = TRY(SqliteConnection::open(path_, options_.erasure));
    TRY(migrate_all(*writer_, schemas_));
    TRY(writer_->prepare(kOwnStatements));
    for (const Schema& schema : schemas_) TRY(writer_->prepare(schema.statements));
    return {};
  }

  Result<void> write(const Work& work) override {
    Write mine{&work, {}, false};
    std::unique_lock lock(write_mutex_);
    waiting_.push_back(&mine);
    write_done_.wait(lock, [&] { return mine.done || !writing_; });
    if (!mine.done) {
      // Nobody writes: this thread does, for all who have come since.
      writing_ = true;
      const auto count = static_cast<std::ptrdiff_t>(std::min(waiting_.size(), kMaxGroup));
      const std::vector<Write*> group(waiting_.begin(), waiting_.begin() + count);
      waiting_.erase(waiting_.begin(), waiting_.begin() + count);
      lock.unlock();
      write_group(group);
      lock.lock();
      for (Write* const write : group) write->done = true;
      writing_ = false;
      write_done_.notify_all();
    }
    return std::move(mine.result);
  }

  Result<void> read(const Work& work) override {
    auto connection = TRY(take_reader());
    auto result = [&]() -> Result<void> {
      TRY(connection->run("BEGIN"));
      SqliteTransaction transaction(*connection);
      return run_guarded(work, transaction);
    }();
    if (connection->in_transaction()) static_cast<void>(connection->run("ROLLBACK"));
    give_back(std::move(connection));
    return result;
  }

  Result<void> checkpoint() override {
    std::unique_lock lock(write_mutex_);
    write_done_.wait(lock, [&] { return !writing_; });
    writing_ = true;
    lock.unlock();
    bool held = false;
    auto result = writer_->query(kTruncate, {}, [&](const Row& row) { held = row.integer(0) != 0; });
    if (result && held)
      result = fail(ErrorKind::unavailable,
                    fmt::format("database '{}': a reader holds the journal; try again", path_.string()));
    lock.lock();
    writing_ = false;
    write_done_.notify_all();
    return result;
  }

 private:
  struct Write {
    const Work* work;
    Result<void> result;
    bool done;
  };

  void step(WriteStep step) const {
    if (options_.at_step) options_.at_step(step);
  }

  /// Each write in a savepoint of its own, all in one commit.
  void write_group(const std::vector<Write*>& group) {
    std::deque<SqliteTransaction> transactions;
    while (transactions.size() < group.size()) transactions.emplace_back(*writer_);
    Result<void> whole = writer_->run("BEGIN IMMEDIATE");
    step(WriteStep::begun);
    for (std::size_t i = 0; whole && i < group.size(); ++i) {
      whole = writer_->run("SAVEPOINT one");
      if (!whole) break;
      group[i]->result = run_guarded(*group[i]->work, transactions[i]);
      if (!writer_->in_transaction()) {
        whole = group[i]->result ? fail(ErrorKind::io, "the database undid the transaction")
                                 : std::unexpected(group[i]->result.error());
      } else {
        whole = writer_->run(group[i]->result ? "RELEASE one" : "ROLLBACK TO one; RELEASE one");
      }
    }
    step(WriteStep::worked);
    if (whole) whole = writer_->run("COMMIT");
    if (!whole && writer_->in_transaction()) static_cast<void>(writer_->run("ROLLBACK"));
    step(WriteStep::committed);
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (!whole && group[i]->result) group[i]->result = whole;
      if (group[i]->result) transactions[i].committed();
    }
  }

  Result<std::unique_ptr<SqliteConnection>> take_reader() {
    {
      std::unique_lock lock(readers_mutex_);
      reader_free_.wait(lock, [&] { return !readers_.empty() || open_readers_ < options_.max_readers; });
      if (!readers_.empty()) {
        auto connection = std::move(readers_.back());
        readers_.pop_back();
        return connection;
      }
      ++open_readers_;
    }
    auto made = [&]() -> Result<std::unique_ptr<SqliteConnection>> {
      auto connection = TRY(SqliteConnection::open(path_, options_.erasure));
      TRY(connection->run("PRAGMA query_only=ON"));
      for (const Schema& schema : schemas_) TRY(connection->prepare(schema.statements));
      return connection;
    }();
    if (!made) {
      std::lock_guard lock(readers_mutex_);
      --open_readers_;
      reader_free_.notify_one();
    }
    return made;
  }

  void give_back(std::unique_ptr<SqliteConnection> connection) {
    std::lock_guard lock(readers_mutex_);
    readers_.push_back(std::move(connection));
    reader_free_.notify_one();
  }

  const std::filesystem::path path_;
  const std::vector<Schema> schemas_;
  const SqliteOptions options_;

  std::mutex write_mutex_;
  std::condition_variable write_done_;
  std::deque<Write*> waiting_;
  bool writing_ = false;
  std::unique_ptr<SqliteConnection> writer_;  ///< of the thread that set writing_

  std::mutex readers_mutex_;
  std::condition_variable reader_free_;
  std::vector<std::unique_ptr<SqliteConnection>> readers_;
  std::size_t open_readers_ = 0;
};

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite(const std::filesystem::path& path,
                                              std::span<const Schema> schemas, const SqliteOptions& options) {
  auto database = std::make_unique<SqliteDatabase>(path, schemas, options);
  TRY(database->open());
  return database;
}

}  // namespace sightline::store
