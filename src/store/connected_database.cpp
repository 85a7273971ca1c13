#include "store/connected_database.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <deque>
#include <exception>
#include <future>
#include <optional>
#include <thread>

#include "base/mutex.h"
#include "store/reserve.h"

namespace sightline::store {
namespace {

/// Writes that share one commit, at most: bounds how long the first one waits.
constexpr std::size_t kMaxGroup = 128;
/// How often writes are tried that another process's come in the way of.
constexpr int kMaxAttempts = 20;

constexpr const char* kVersionTable =
    "CREATE TABLE IF NOT EXISTS schema_version (name TEXT NOT NULL PRIMARY KEY, version BIGINT NOT NULL)";
constexpr std::string_view kReadVersion = "SELECT version FROM schema_version WHERE name = $1";
constexpr std::string_view kSetVersion =
    "INSERT INTO schema_version (name, version) VALUES ($1, $2) "
    "ON CONFLICT (name) DO UPDATE SET version = excluded.version";

/// SQLite numbers parameters by their first appearance, PostgreSQL by their name.
Result<void> check_parameters(std::string_view sql) {
  int known = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    if (sql[i] == '\'') quoted = !quoted;
    if (quoted || sql[i] != '$') continue;
    int number = 0;
    while (i + 1 < sql.size() && sql[i + 1] >= '0' && sql[i + 1] <= '9')
      number = number * 10 + (sql[++i] - '0');
    if (number < 1 || number > known + 1)
      return fail(ErrorKind::internal, fmt::format("parameters do not appear as $1, $2, ... in `{}`", sql));
    known = std::max(known, number);
  }
  return {};
}

Result<void> prepare_all(Connection& connection, std::span<const Schema> schemas) {
  for (const Schema& schema : schemas) {
    for (const std::string_view sql : schema.statements) {
      TRY(check_parameters(sql));
      TRY(connection.prepare(sql));
    }
  }
  return {};
}

Result<void> migrate(Connection& connection, const Schema& schema) {
  std::int64_t version = 0;
  const Value name[] = {schema.name};
  TRY(connection.query(kReadVersion, name, [&](const Row& row) { version = row.integer(0); }));
  const auto known = static_cast<std::int64_t>(schema.migrations.size());
  if (version > known)
    return fail(
        ErrorKind::unsupported,
        fmt::format("the tables of {} have version {}, which a newer Sightline made; this one knows {}",
                    schema.name, version, known));
  for (; version < known; ++version) {
    TRY(connection.run(std::string(schema.migrations[static_cast<std::size_t>(version)])));
    const Value next[] = {schema.name, version + 1};
    TRY(connection.query(kSetVersion, next, [](const Row&) {}));
  }
  return {};
}

/// All of it or nothing, and one process at a time.
Result<void> migrate_all(Connection& connection, const Engine& engine, std::span<const Schema> schemas) {
  TRY(connection.run(engine.begin_migration()));
  const auto migrated = [&]() -> Result<void> {
    TRY(connection.run(kVersionTable));
    TRY(connection.prepare(kReadVersion));
    TRY(connection.prepare(kSetVersion));
    for (const Schema& schema : schemas) TRY(migrate(connection, schema));
    return connection.run("COMMIT");
  }();
  if (!migrated && connection.in_transaction()) static_cast<void>(connection.run("ROLLBACK"));
  return migrated;
}

class ConnectedTransaction final : public Transaction {
 public:
  explicit ConnectedTransaction(Connection& connection) : connection_(connection) {}

  Result<std::int64_t> execute(std::string_view sql, std::initializer_list<Value> values) override {
    return step(sql, values, [](const Row&) {});
  }
  Result<void> query(std::string_view sql, std::initializer_list<Value> values,
                     const std::function<void(const Row&)>& visit) override {
    TRY(step(sql, values, visit));
    return {};
  }
  void after_commit(std::move_only_function<void()> callback) override {
    callbacks_.push_back(std::move(callback));
  }
  void spare_reserve() override { spares_reserve_ = true; }
  void committed() {
    for (auto& callback : callbacks_) callback();
  }
  /// Deletes a row, or inserts none: it may have of the reserve. (An UPDATE may grow a row, by little.)
  [[nodiscard]] bool makes_room() const { return !spares_reserve_ && (deletes_ || !inserts_); }

  /// Work that throws is a bug, but must not leave a transaction open.
  Result<void> run(const Database::Work& work) {
    Result<void> result;
    try {
      result = work(*this);
    } catch (const std::exception& error) {
      result = fail(ErrorKind::internal, fmt::format("a transaction's work threw: {}", error.what()));
    }
    // PostgreSQL would undo it, whatever the work makes of the error.
    if (result && failed_)
      return fail(ErrorKind::internal, "a transaction's work goes on after a statement that failed");
    return result;
  }

 private:
  Result<std::int64_t> step(std::string_view sql, std::initializer_list<Value> values,
                            const std::function<void(const Row&)>& visit) {
    if (failed_) return fail(ErrorKind::internal, "a statement of this transaction has failed before");
    auto changed = connection_.query(sql, {values.begin(), values.size()}, visit);
    failed_ = !changed;
    if (sql.starts_with("INSERT")) inserts_ = true;
    if (sql.starts_with("DELETE") && changed && *changed > 0) deletes_ = true;
    return changed;
  }

  Connection& connection_;
  bool failed_ = false;
  bool inserts_ = false;
  bool deletes_ = false;
  bool spares_reserve_ = false;
  std::vector<std::move_only_function<void()>> callbacks_;
};

class ConnectedDatabase final : public Database {
 public:
  ConnectedDatabase(std::unique_ptr<Engine> engine, std::vector<Schema> schemas, StoreOptions options,
                    std::shared_ptr<StoreTally> tally, std::shared_ptr<Reserve> reserve)
      : engine_(std::move(engine)),
        schemas_(std::move(schemas)),
        options_(std::move(options)),
        tally_(std::move(tally)),
        reserve_(std::move(reserve)) {}
  ConnectedDatabase(const ConnectedDatabase&) = delete;
  ConnectedDatabase& operator=(const ConnectedDatabase&) = delete;
  ~ConnectedDatabase() override {
    {
      const MutexLock lock(queue_mutex_);
      closing_ = true;
    }
    queued_.notify_one();
    // Joined here: what is queued may use what a member further down is.
    if (writer_thread_.joinable()) writer_thread_.join();
  }

  Result<void> open() {
    writer_ = TRY(engine_->connect(Engine::Use::writing));
    TRY(migrate_all(*writer_, *engine_, schemas_));
    TRY(prepare_all(*writer_, schemas_));
    writer_thread_ = std::thread([this] { write_all(); });
    ::pthread_setname_np(writer_thread_.native_handle(), "writer");
    return {};
  }

  using Database::write;
  void write(Work work, Done done) override { enqueue({std::move(work), std::move(done), {}}); }

  Result<void> read(const Work& work) override {
    if (is_writer_thread()) return fail(ErrorKind::internal, "a write reads outside of its transaction");
    auto connection = TRY(take_reader());
    auto result = [&]() -> Result<void> {
      TRY(connection->run(engine_->begin_read()));
      return ConnectedTransaction(*connection).run(work);
    }();
    if (connection->in_transaction()) static_cast<void>(connection->run("ROLLBACK"));
    give_back(std::move(connection));
    return result;
  }

  Result<void> checkpoint() override {
    if (is_writer_thread()) return fail(ErrorKind::internal, "a write waits for a checkpoint");
    std::promise<Result<void>> told;
    auto result = told.get_future();
    enqueue(
        {{}, [told = std::move(told)](Result<void> done) mutable { told.set_value(std::move(done)); }, {}});
    return result.get();
  }

 protected:
  [[nodiscard]] bool is_writer_thread() const override {
    return std::this_thread::get_id() == writer_thread_.get_id();
  }

 private:
  struct Write {
    Work work;  ///< none: a checkpoint
    Done done;
    Result<void> result;
  };

  void step(WriteStep step) const {
    if (options_.at_step) options_.at_step(step);
  }

  void enqueue(Write write) {
    {
      const MutexLock lock(queue_mutex_);
      queue_.push_back(std::move(write));
    }
    queued_.notify_one();
  }

  /// The writer thread.
  void write_all() {
    while (true) {
      std::vector<Write> group = next_group();
      if (group.empty()) return;
      if (!group.front().work) {
        group.front().done(writer_->checkpoint());
      } else {
        write_group(group);
      }
    }
  }

  /// Writes that share a commit, or one checkpoint; none at the end.
  std::vector<Write> next_group() {
    MutexLock lock(queue_mutex_);
    while (!closing_ && queue_.empty()) queued_.wait(lock);
    auto end = std::ranges::find_if(queue_, [](const Write& write) { return !write.work; });
    if (end == queue_.begin() && end != queue_.end()) ++end;
    const auto count = std::min(end - queue_.begin(), static_cast<std::ptrdiff_t>(kMaxGroup));
    end = queue_.begin() + count;
    std::vector<Write> group(std::move_iterator(queue_.begin()), std::move_iterator(end));
    queue_.erase(queue_.begin(), end);
    return group;
  }

  /// Which writes are kept, of those that succeed.
  enum class Kept : std::uint8_t {
    all,
    that_make_room,  ///< the others find the disk full
  };

  void write_group(std::vector<Write>& group) {
    std::deque<ConnectedTransaction> transactions;
    const Kept kept = reserve_ == nullptr || reserve_->may_grow() ? Kept::all : Kept::that_make_room;
    Result<void> whole = write_group_once(group, transactions, kept);
    if (reserve_ != nullptr && is_out_of_room(whole, group) && reserve_->release()) {
      whole = write_group_once(group, transactions, Kept::that_make_room);
      // Gives back what the journal took, so that the reserve lasts.
      if (whole && is_any_kept(group)) static_cast<void>(writer_->checkpoint());
      reserve_->refill();
    }
    if (whole && is_any_kept(group)) ++tally_->commits;
    for (std::size_t i = 0; i < group.size(); ++i) {
      Write& write = group[i];
      if (!whole && write.result) write.result = whole;
      if (write.result) {
        ++tally_->writes;
        transactions[i].committed();
      }
      write.done(std::move(write.result));
    }
  }

  static bool is_any_kept(const std::vector<Write>& group) {
    return std::ranges::any_of(group, [](const Write& write) { return write.result.has_value(); });
  }

  static bool is_out_of_room(const Result<void>& whole, const std::vector<Write>& group) {
    const auto full = [](const Result<void>& result) {
      return !result && result.error().kind == ErrorKind::no_space;
    };
    return full(whole) || std::ranges::any_of(group, [&](const Write& write) { return full(write.result); });
  }

  /// Once, but for what another process comes in the way of.
  Result<void> write_group_once(std::vector<Write>& group, std::deque<ConnectedTransaction>& transactions,
                                Kept kept) {
    for (int attempt = 1;; ++attempt) {
      transactions.clear();
      Result<void> whole = try_group(group, transactions, kept);
      if (whole || !writer_->conflicted() || attempt == kMaxAttempts) return whole;
      std::this_thread::sleep_for(std::chrono::milliseconds(attempt));
    }
  }

  /// Each write in a savepoint of its own, all in one commit.
  Result<void> try_group(std::vector<Write>& group, std::deque<ConnectedTransaction>& transactions,
                         Kept kept) {
    for (Write& write : group) write.result = {};
    Result<void> whole = writer_->run(engine_->begin_write());
    step(WriteStep::begun);
    for (auto write = group.begin(); whole && write != group.end(); ++write) {
      if (options_.run_twice) whole = try_and_undo(*write);
      if (whole) whole = try_one(*write, transactions.emplace_back(*writer_), kept);
    }
    step(WriteStep::worked);
    // What is undone in part has touched pages all the same, which a commit would put into the journal.
    if (whole) whole = writer_->run(is_any_kept(group) ? "COMMIT" : "ROLLBACK");
    if (!whole && writer_->in_transaction()) static_cast<void>(writer_->run("ROLLBACK"));
    step(WriteStep::committed);
    return whole;
  }

  /// The error is one of the whole group.
  Result<void> try_one(Write& write, ConnectedTransaction& transaction, Kept kept) {
    TRY(writer_->run("SAVEPOINT one"));
    write.result = transaction.run(write.work);
    if (write.result && kept == Kept::that_make_room && !transaction.makes_room())
      write.result = fail(ErrorKind::no_space,
                          fmt::format("{}: the disk is full; free some space", engine_->description()));
    const bool lost = !writer_->in_transaction() || writer_->conflicted();
    if (!lost) return writer_->run(write.result ? "RELEASE one" : "ROLLBACK TO one; RELEASE one");
    if (!write.result) return write.result;
    return fail(ErrorKind::io, "the database undid the transaction");
  }

  Result<void> try_and_undo(const Write& write) {
    TRY(writer_->run("SAVEPOINT one"));
    static_cast<void>(ConnectedTransaction(*writer_).run(write.work));
    if (!writer_->in_transaction()) return writer_->run(engine_->begin_write());
    return writer_->run("ROLLBACK TO one; RELEASE one");
  }

  Result<std::unique_ptr<Connection>> take_reader() {
    {
      MutexLock lock(readers_mutex_);
      while (readers_.empty() && open_readers_ >= options_.max_readers) reader_free_.wait(lock);
      if (!readers_.empty()) {
        auto connection = std::move(readers_.back());
        readers_.pop_back();
        return connection;
      }
      ++open_readers_;
    }
    auto made = [&]() -> Result<std::unique_ptr<Connection>> {
      auto connection = TRY(engine_->connect(Engine::Use::reading));
      TRY(prepare_all(*connection, schemas_));
      return connection;
    }();
    if (!made) {
      const MutexLock lock(readers_mutex_);
      --open_readers_;
      reader_free_.notify_one();
    }
    return made;
  }

  void give_back(std::unique_ptr<Connection> connection) {
    const MutexLock lock(readers_mutex_);
    readers_.push_back(std::move(connection));
    reader_free_.notify_one();
  }

  const std::unique_ptr<Engine> engine_;
  const std::vector<Schema> schemas_;
  const StoreOptions options_;
  const std::shared_ptr<StoreTally> tally_;
  const std::shared_ptr<Reserve> reserve_;  ///< null: none

  Mutex readers_mutex_;
  Condition reader_free_;
  std::vector<std::unique_ptr<Connection>> readers_ SIGHTLINE_GUARDED_BY(readers_mutex_);
  std::size_t open_readers_ SIGHTLINE_GUARDED_BY(readers_mutex_) = 0;

  std::unique_ptr<Connection> writer_;  ///< of the writer thread
  Mutex queue_mutex_;
  Condition queued_;
  std::deque<Write> queue_ SIGHTLINE_GUARDED_BY(queue_mutex_);
  bool closing_ SIGHTLINE_GUARDED_BY(queue_mutex_) = false;
  std::thread writer_thread_;
};

}  // namespace

Result<void> Database::write(const Work& work) {
  if (is_writer_thread()) return fail(ErrorKind::internal, "a write waits for another");
  std::promise<Result<void>> told;
  auto result = told.get_future();
  write([&work](Transaction& transaction) { return work(transaction); },
        [told = std::move(told)](Result<void> done) mutable { told.set_value(std::move(done)); });
  return result.get();
}

Result<std::unique_ptr<Database>> open_database(std::unique_ptr<Engine> engine, std::vector<Schema> schemas,
                                                const StoreOptions& options,
                                                std::shared_ptr<StoreTally> tally,
                                                std::shared_ptr<Reserve> reserve) {
  auto database = std::make_unique<ConnectedDatabase>(std::move(engine), std::move(schemas), options,
                                                      std::move(tally), std::move(reserve));
  TRY(database->open());
  return database;
}

}  // namespace sightline::store
