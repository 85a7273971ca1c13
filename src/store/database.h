#pragma once
// Tables that survive a crash: the seam over SQLite (embedded, one file a module) and PostgreSQL. Which of
// them it is, and where, only who opens them knows: store/stores.h. What is promised here is tested on both
// (database_test.cpp).
//
// SQL is written once, in the words that both understand: $1 for parameters, in order of appearance; the
// types BIGINT, DOUBLE PRECISION, TEXT and BLOB (a domain over BYTEA in PostgreSQL); ON CONFLICT, RETURNING
// and LIMIT. What is sorted or compared by bytes is a BLOB: TEXT sorts by the engine's locale. Every
// statement is on its schema's list, so that all are prepared when a file is opened, and on a real PostgreSQL
// by the tests (store/postgres_test_support.h). Why: docs/adr/0008-store.md.

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace sightline::store {

using BytesView = std::span<const std::uint8_t>;

/// A parameter; borrowed for the call.
using Value = std::variant<std::monostate, std::int64_t, double, std::string_view, BytesView>;

/// The tables of one module within a file. What it refers to is constant and outlives the database.
struct Schema {
  std::string_view name;  ///< "buckets"; the version is kept under it
  /// Each is run once, in order, and never changed after its release. Statements are separated by ';'.
  std::span<const std::string_view> migrations;
  std::span<const std::string_view> statements;
};

/// One row of an answer; what it gives is borrowed until the next row. A column of another type reads as that
/// type's empty value.
class Row {
 public:
  virtual ~Row() = default;
  [[nodiscard]] virtual bool is_null(int column) const = 0;
  [[nodiscard]] virtual std::int64_t integer(int column) const = 0;
  [[nodiscard]] virtual double real(int column) const = 0;
  [[nodiscard]] virtual std::string_view text(int column) const = 0;
  [[nodiscard]] virtual BytesView bytes(int column) const = 0;
};

/// What a write or read does; lives as long as that call. A statement that fails ends it: each further one
/// fails too, and nothing of the transaction is kept.
class Transaction {
 public:
  virtual ~Transaction() = default;
  /// How many rows were changed. Errors: already_exists (a key), invalid_argument (another constraint),
  /// no_space, io, corrupt, unavailable (locked by another process).
  [[nodiscard]] virtual Result<std::int64_t> execute(std::string_view sql,
                                                     std::initializer_list<Value> values) = 0;
  /// Calls `visit` for each row; it must not use this transaction.
  [[nodiscard]] virtual Result<void> query(std::string_view sql, std::initializer_list<Value> values,
                                           const std::function<void(const Row&)>& visit) = 0;
  /// Called once the transaction is durable, by the thread that made it so; must be quick. Not called when it
  /// fails.
  virtual void after_commit(std::move_only_function<void()> callback) = 0;
  /// On a full disk this one gets nothing of the room that is kept for deletions (store/reserve.h), though
  /// it deletes too: that is not what it is for.
  virtual void spare_reserve() = 0;
};

/// Thread-safe.
class Database {
 public:
  /// May be run more than once, each time as if it had not been before: by whoever loses a race against
  /// another process. What it fills outside of itself it clears or assigns first.
  using Work = std::function<Result<void>(Transaction&)>;
  /// Told once. Must be quick and must not throw: the writes behind it wait.
  using Done = std::move_only_function<void(Result<void>)>;

  virtual ~Database() = default;
  /// Queues `work` and returns; holds no thread. Both run on the database's own thread: `work`, then, once
  /// that is durable or undone by an error of its own, `done`, in the order of the calls. Writers that come
  /// together share one commit.
  ///
  /// Writes are serializable, those of other processes too: each sees all that was committed before it, and
  /// nothing changes between what it reads and what it writes. So one that counts rows and then inserts keeps
  /// to a limit. Those of one database are run one after the other; their order is that of their callbacks.
  ///
  /// Neither `work` nor `done` may call write(work) or read(): the error would be internal. The destructor
  /// first runs what is queued.
  virtual void write(Work work, Done done) = 0;
  /// The same, and waits for it.
  [[nodiscard]] Result<void> write(const Work& work);
  /// Runs `work` on a snapshot, on this thread; writers do not wait for it, nor it for them.
  [[nodiscard]] virtual Result<void> read(const Work& work) = 0;
  /// Moves the journal into the file and empties it: afterwards deleted rows are in neither. Errors:
  /// unavailable (a reader has held the journal for seconds).
  [[nodiscard]] virtual Result<void> checkpoint() = 0;

 protected:
  /// Whether this is the thread that runs the writes.
  [[nodiscard]] virtual bool is_writer_thread() const = 0;
};

}  // namespace sightline::store
