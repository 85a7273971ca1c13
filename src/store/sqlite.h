#pragma once
// SQLite's C interface in C++: handles that free themselves, errors as values. Of this module alone.

#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <string>
#include <unordered_map>

#include "store/connected_database.h"

namespace sightline::store {

struct SqliteCloser {
  void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using SqliteHandle = std::unique_ptr<sqlite3, SqliteCloser>;
using SqliteStatement = std::unique_ptr<sqlite3_stmt, SqliteCloser>;

/// With its prepared statements.
class SqliteConnection final : public Connection {
 public:
  static Result<std::unique_ptr<SqliteConnection>> open(const std::filesystem::path& path, Erasure erasure);

  [[nodiscard]] Result<void> run(const std::string& sql) override;
  [[nodiscard]] Result<void> prepare(std::string_view sql) override;
  [[nodiscard]] Result<std::int64_t> query(std::string_view sql, std::span<const Value> values,
                                           const std::function<void(const Row&)>& visit) override;
  [[nodiscard]] bool in_transaction() const override { return sqlite3_get_autocommit(handle_.get()) == 0; }
  [[nodiscard]] Result<void> checkpoint() override;
  /// A new file (mode 0600) with what this connection sees: as of the beginning of its transaction, where it
  /// has begun one.
  [[nodiscard]] Result<void> copy_to(const std::filesystem::path& path);
  /// Errors: corrupt, where a page or a row of the file cannot be right.
  [[nodiscard]] Result<void> check_whole();

 private:
  SqliteConnection(SqliteHandle handle, std::string path)
      : handle_(std::move(handle)), path_(std::move(path)) {}
  [[nodiscard]] Error error_of(int code, std::string_view sql) const;

  SqliteHandle handle_;
  std::string path_;  ///< for messages
  std::unordered_map<std::string_view, SqliteStatement> statements_;
};

}  // namespace sightline::store
