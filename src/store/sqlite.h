#pragma once
// SQLite's C interface in C++: handles that free themselves, errors as values. Of this module alone.

#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <string>
#include <unordered_map>

#include "store/database.h"

namespace sightline::store {

struct SqliteCloser {
  void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using SqliteHandle = std::unique_ptr<sqlite3, SqliteCloser>;
using SqliteStatement = std::unique_ptr<sqlite3_stmt, SqliteCloser>;

/// One connection with its prepared statements. Of one thread at a time.
class SqliteConnection {
 public:
  static Result<std::unique_ptr<SqliteConnection>> open(const std::filesystem::path& path, Erasure erasure);

  /// Statements for SQLite alone, without parameters or answers.
  [[nodiscard]] Result<void> run(const char* sql);
  /// Prepares what a schema lists; nothing else can be executed.
  [[nodiscard]] Result<void> prepare(std::span<const std::string_view> statements);
  [[nodiscard]] Result<void> query(std::string_view sql, std::initializer_list<Value> values,
                                   const std::function<void(const Row&)>& visit);
  [[nodiscard]] std::int64_t changes() const { return sqlite3_changes64(handle_.get()); }
  /// False when SQLite itself has undone the transaction, as it does on a full disk.
  [[nodiscard]] bool in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }

 private:
  SqliteConnection(SqliteHandle handle, std::string path)
      : handle_(std::move(handle)), path_(std::move(path)) {}
  [[nodiscard]] Error error_of(int code, std::string_view sql) const;

  SqliteHandle handle_;
  std::string path_;  ///< for messages
  std::unordered_map<std::string_view, SqliteStatement> statements_;
};

}  // namespace sightline::store
