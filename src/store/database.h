#pragma once
// Tables that survive a crash: the seam over SQLite (embedded, one file a module) and, later, PostgreSQL.
//
// SQL is written once, in the words that both understand: $1 for parameters, in order of appearance; the
// types BIGINT, DOUBLE PRECISION, TEXT and BLOB (a domain over BYTEA in PostgreSQL); ON CONFLICT, RETURNING
// and LIMIT. What is sorted or compared by bytes is a BLOB: TEXT sorts by the engine's locale. Every
// statement is on its schema's list, so that all are prepared when a file is opened, and on a real PostgreSQL
// by the tests (store/postgres_test_support.h). Why: docs/adr/0008-store.md.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>
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

/// What a write or read does; lives as long as that call.
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
};

/// Thread-safe.
class Database {
 public:
  using Work = std::function<Result<void>(Transaction&)>;

  virtual ~Database() = default;
  /// Runs `work` and makes it durable before returning; an error from it undoes it. Writers that come
  /// together share one commit: `work` may run on another writer's thread, and must call neither write() nor
  /// read().
  [[nodiscard]] virtual Result<void> write(const Work& work) = 0;
  /// Runs `work` on a snapshot; writers do not wait for it, nor it for them.
  [[nodiscard]] virtual Result<void> read(const Work& work) = 0;
  /// Moves the journal into the file and empties it: afterwards deleted rows are in neither. Errors:
  /// unavailable (a reader has held the journal for seconds).
  [[nodiscard]] virtual Result<void> checkpoint() = 0;
};

enum class Erasure {
  lazy,  ///< deleted rows leave their bytes until the space is used again
  /// Deleted rows are overwritten at once. Not so the copies that SQLite leaves in a page's free space when
  /// it moves rows between pages, as deletions make it do: what must leave no trace at all is overwritten in
  /// place, by an UPDATE to as many bytes, in rows that are never deleted.
  secure,
};

/// The steps of a write, for tests that fail or kill the process there.
enum class WriteStep { begun, worked, committed };

struct SqliteOptions {
  Erasure erasure = Erasure::lazy;
  std::size_t max_readers = 8;  ///< further ones wait
  std::function<void(WriteStep)> at_step;
};

/// Opens or makes a file (mode 0600), brings its schemas up to date and prepares every statement. Errors:
/// unsupported (made by a newer version), corrupt, permission_denied, io, internal (a statement that is
/// wrong).
[[nodiscard]] Result<std::unique_ptr<Database>> open_sqlite(const std::filesystem::path& path,
                                                            std::span<const Schema> schemas,
                                                            const SqliteOptions& options = {});

}  // namespace sightline::store
