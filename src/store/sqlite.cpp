#include "store/sqlite.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.h"

namespace sightline::store {
namespace {

constexpr int kBusyMilliseconds = 5000;

ErrorKind kind_of(int code) {
  switch (code) {
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_UNIQUE:
      return ErrorKind::already_exists;
    default:
      break;
  }
  switch (code & 0xFF) {
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
      return ErrorKind::invalid_argument;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorKind::unavailable;
    case SQLITE_FULL:
      return ErrorKind::no_space;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorKind::corrupt;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
      return ErrorKind::permission_denied;
    case SQLITE_ERROR:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
      return ErrorKind::internal;
    default:
      return ErrorKind::io;
  }
}

std::string_view remedy_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::unavailable:
      return "; another process holds it: stop that one";
    case ErrorKind::no_space:
      return "; free some space";
    case ErrorKind::corrupt:
      return "; restore it from a backup";
    case ErrorKind::permission_denied:
      return "; check the permissions of the file and its folder";
    default:
      return "";
  }
}

int bind(sqlite3_stmt* statement, int index, const Value& value) {
  struct Binder {
    sqlite3_stmt* statement;
    int index;
    int operator()(std::monostate) const { return sqlite3_bind_null(statement, index); }
    int operator()(std::int64_t number) const { return sqlite3_bind_int64(statement, index, number); }
    int operator()(double number) const { return sqlite3_bind_double(statement, index, number); }
    // Static: the caller's bytes outlive the execution.
    int operator()(std::string_view text) const {
      const char* const data = text.data() == nullptr ? "" : text.data();
      return sqlite3_bind_text64(statement, index, data, text.size(), SQLITE_STATIC, SQLITE_UTF8);
    }
    int operator()(BytesView bytes) const {
      // A null pointer would bind NULL instead of no bytes.
      if (bytes.empty()) return sqlite3_bind_zeroblob(statement, index, 0);
      return sqlite3_bind_blob64(statement, index, bytes.data(), bytes.size(), SQLITE_STATIC);
    }
  };
  return std::visit(Binder{statement, index}, value);
}

class SqliteRow final : public Row {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}

  bool is_null(int column) const override { return type(column) == SQLITE_NULL; }
  std::int64_t integer(int column) const override {
    return type(column) == SQLITE_INTEGER ? sqlite3_column_int64(statement_, column) : 0;
  }
  double real(int column) const override {
    return type(column) == SQLITE_FLOAT || type(column) == SQLITE_INTEGER
               ? sqlite3_column_double(statement_, column)
               : 0;
  }
  std::string_view text(int column) const override {
    if (type(column) != SQLITE_TEXT) return {};
    const auto* const data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return {data, size(column)};
  }
  BytesView bytes(int column) const override {
    if (type(column) != SQLITE_BLOB) return {};
    const auto* const data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
    return {data, size(column)};
  }

 private:
  int type(int column) const { return sqlite3_column_type(statement_, column); }
  std::size_t size(int column) const {
    return static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  }
  sqlite3_stmt* statement_;
};

/// Gives a statement back for its next use, whatever came of this one.
class Resetter {
 public:
  explicit Resetter(sqlite3_stmt* statement) : statement_(statement) {}
  Resetter(const Resetter&) = delete;
  Resetter& operator=(const Resetter&) = delete;
  ~Resetter() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }

 private:
  sqlite3_stmt* statement_;
};

/// SQLite would make a new file readable to all; what it puts beside the file gets the same mode. An existing
/// one is not opened here: closing it again would end the locks that this process holds on it.
Result<void> make_private_file(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 && errno != EEXIST) return std::unexpected(system_error("open", path, errno));
  if (fd >= 0) ::close(fd);
  return {};
}

}  // namespace

Error SqliteConnection::error_of(int code, std::string_view sql) const {
  const int extended = sqlite3_extended_errcode(handle_.get());
  ErrorKind kind = kind_of((extended & 0xFF) == (code & 0xFF) ? extended : code);
  // Of the file that it shares with others, which a full disk may keep from growing; and of every file where
  // a quota or the limit on the size of files does.
  const int system = sqlite3_system_errno(handle_.get());
  const bool no_room = system == ENOSPC || system == EDQUOT || system == EFBIG;
  if (kind == ErrorKind::io && no_room) kind = ErrorKind::no_space;
  return {kind, fmt::format("database '{}': {}{}{}", path_, sqlite3_errmsg(handle_.get()), remedy_of(kind),
                            kind == ErrorKind::internal ? fmt::format(" in `{}`", sql.substr(0, 200)) : "")};
}

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const std::filesystem::path& path,
                                                                 Erasure erasure) {
  TRY(make_private_file(path));
  sqlite3* raw = nullptr;
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &raw, kFlags, nullptr);
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(SqliteHandle(raw), path.string()));
  if (raw == nullptr) return fail(ErrorKind::internal, "SQLite has no memory");
  if (code != SQLITE_OK) return std::unexpected(connection->error_of(code, ""));
  sqlite3_busy_timeout(raw, kBusyMilliseconds);
  // FULL: a commit is on the disk before it returns, also in WAL mode.
  TRY(connection->run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"));
  // In memory: what a savepoint may have to restore would else be written to a temporary file.
  if (erasure == Erasure::secure) TRY(connection->run("PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY;"));
  return connection;
}

Result<void> SqliteConnection::run(const std::string& sql) {
  const int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return std::unexpected(error_of(code, sql));
  return {};
}

Result<void> SqliteConnection::prepare(std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  const char* tail = nullptr;
  const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &raw, &tail);
  SqliteStatement statement(raw);
  if (code != SQLITE_OK) return std::unexpected(error_of(code, sql));
  statements_[sql] = std::move(statement);
  return {};
}

Result<std::int64_t> SqliteConnection::query(std::string_view sql, std::span<const Value> values,
                                             const std::function<void(const Row&)>& visit) {
  const auto found = statements_.find(sql);
  if (found == statements_.end())
    return fail(ErrorKind::internal, fmt::format("`{}` is on no schema's list of statements", sql));
  sqlite3_stmt* const statement = found->second.get();
  const Resetter resetter(statement);
  if (sqlite3_bind_parameter_count(statement) != static_cast<int>(values.size()))
    return fail(ErrorKind::internal, fmt::format("{} values are given for `{}`", values.size(), sql));
  int index = 0;
  for (const Value& value : values) {
    const int code = bind(statement, ++index, value);
    if (code != SQLITE_OK) return std::unexpected(error_of(code, sql));
  }
  const SqliteRow row(statement);
  while (true) {
    const int code = sqlite3_step(statement);
    if (code == SQLITE_DONE) return sqlite3_changes64(handle_.get());
    if (code != SQLITE_ROW) return std::unexpected(error_of(code, sql));
    visit(row);
  }
}

Result<void> SqliteConnection::checkpoint() {
  bool held = false;
  // Answers 1 first when a reader still needs the journal.
  const auto read = [](void* into, int columns, char** values, char**) {
    *static_cast<bool*>(into) = columns > 0 && values[0] != nullptr && std::string_view(values[0]) != "0";
    return 0;
  };
  constexpr const char* kTruncate = "PRAGMA wal_checkpoint(TRUNCATE)";
  const int code = sqlite3_exec(handle_.get(), kTruncate, read, &held, nullptr);
  if (code != SQLITE_OK) return std::unexpected(error_of(code, kTruncate));
  if (held)
    return fail(ErrorKind::unavailable,
                fmt::format("database '{}': a reader holds the journal; try again", path_));
  return {};
}

Result<void> SqliteConnection::copy_to(const std::filesystem::path& path) {
  TRY(make_private_file(path));
  sqlite3* raw = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, nullptr);
  SqliteConnection copy(SqliteHandle(raw), path.string());
  if (raw == nullptr) return fail(ErrorKind::internal, "SQLite has no memory");
  if (code != SQLITE_OK) return std::unexpected(copy.error_of(code, ""));
  sqlite3_backup* const backup = sqlite3_backup_init(raw, "main", handle_.get(), "main");
  if (backup == nullptr) return std::unexpected(copy.error_of(sqlite3_errcode(raw), ""));
  const int stepped = sqlite3_backup_step(backup, -1);
  const int finished = sqlite3_backup_finish(backup);
  if (stepped != SQLITE_DONE) return std::unexpected(copy.error_of(stepped, ""));
  if (finished != SQLITE_OK) return std::unexpected(copy.error_of(finished, ""));
  return {};
}

Result<void> SqliteConnection::check_whole() {
  std::string found;
  const auto read = [](void* into, int columns, char** values, char**) {
    auto& first = *static_cast<std::string*>(into);
    if (first.empty() && columns > 0 && values[0] != nullptr) first = values[0];
    return 0;
  };
  constexpr const char* kCheck = "PRAGMA quick_check(1)";
  const int code = sqlite3_exec(handle_.get(), kCheck, read, &found, nullptr);
  if (code != SQLITE_OK) return std::unexpected(error_of(code, kCheck));
  if (found != "ok")
    return fail(ErrorKind::corrupt, fmt::format("database '{}' is damaged: {}", path_, found));
  return {};
}

}  // namespace sightline::store
