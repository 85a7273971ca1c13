#pragma once
// A Database over PostgreSQL, of the least size: what it takes to show that the promises of database.h can be
// kept by both engines (database_test.cpp runs over both). It is a part of the tests alone: the program has
// no option for it, it does not connect again, and it has no TLS.

#include <fmt/format.h>
#include <libpq-fe.h>

#include <charconv>
#include <cstdlib>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "store/connected_database.h"
#include "store/stores.h"

namespace sightline::store::test {

struct PostgresCloser {
  void operator()(PGconn* connection) const { PQfinish(connection); }
  void operator()(PGresult* result) const { PQclear(result); }
};
using PostgresHandle = std::unique_ptr<PGconn, PostgresCloser>;
using PostgresResult = std::unique_ptr<PGresult, PostgresCloser>;

/// Values come as text.
class PostgresRow final : public Row {
 public:
  PostgresRow(const PGresult* result, int row) : result_(result), row_(row) {}

  bool is_null(int column) const override { return PQgetisnull(result_, row_, column) != 0; }
  std::int64_t integer(int column) const override {
    // int2, int4, int8, and the sums of the last.
    if (!has_type(column, {21, 23, 20, 1700})) return 0;
    const std::string_view digits = value(column);
    std::int64_t number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
  }
  double real(int column) const override {
    if (!has_type(column, {21, 23, 20, 700, 701, 1700})) return 0;
    return std::strtod(value(column).data(), nullptr);
  }
  std::string_view text(int column) const override {
    return has_type(column, {25, 1043}) ? value(column) : std::string_view();
  }
  BytesView bytes(int column) const override {
    if (!has_type(column, {17})) return {};
    const std::string_view digits = value(column).substr(2);  // after "\x"
    auto& decoded = decoded_[column];
    decoded.resize(digits.size() / 2);
    for (std::size_t i = 0; i < decoded.size(); ++i)
      std::from_chars(&digits[2 * i], &digits[2 * i] + 2, decoded[i], 16);
    return decoded;
  }

 private:
  bool has_type(int column, std::initializer_list<Oid> types) const {
    return !is_null(column) && std::ranges::find(types, PQftype(result_, column)) != types.end();
  }
  std::string_view value(int column) const {
    return {PQgetvalue(result_, row_, column), static_cast<std::size_t>(PQgetlength(result_, row_, column))};
  }

  const PGresult* result_;
  int row_;
  mutable std::unordered_map<int, std::vector<std::uint8_t>> decoded_;
};

class PostgresConnection final : public Connection {
 public:
  static Result<std::unique_ptr<PostgresConnection>> open(const std::string& where) {
    PostgresHandle handle(PQconnectdb(where.c_str()));
    if (PQstatus(handle.get()) != CONNECTION_OK)
      return fail(ErrorKind::unavailable, PQerrorMessage(handle.get()));
    PQsetNoticeProcessor(handle.get(), [](void*, const char*) {}, nullptr);
    return std::unique_ptr<PostgresConnection>(new PostgresConnection(std::move(handle)));
  }

  Result<void> run(const std::string& sql) override {
    if (!in_transaction()) conflicted_ = false;
    TRY(check(PostgresResult(PQexec(handle_.get(), sql.c_str())), sql));
    return {};
  }

  Result<void> prepare(std::string_view sql) override {
    const std::string name = fmt::format("s{}", statements_.size());
    TRY(check(PostgresResult(PQprepare(handle_.get(), name.c_str(), std::string(sql).c_str(), 0, nullptr)),
              sql));
    const PostgresResult described(PQdescribePrepared(handle_.get(), name.c_str()));
    statements_[sql] = {name, PQnparams(described.get())};
    return {};
  }

  Result<std::int64_t> query(std::string_view sql, std::span<const Value> values,
                             const std::function<void(const Row&)>& visit) override {
    const auto found = statements_.find(sql);
    if (found == statements_.end())
      return fail(ErrorKind::internal, fmt::format("`{}` is on no schema's list of statements", sql));
    if (found->second.parameters != static_cast<int>(values.size()))
      return fail(ErrorKind::internal, fmt::format("{} values are given for `{}`", values.size(), sql));
    std::vector<std::string> texts;
    texts.reserve(values.size());
    std::vector<const char*> data;
    std::vector<int> sizes;
    std::vector<int> formats;
    for (const Value& value : values) {
      const auto add = [&](std::string text, bool binary = false) {
        texts.push_back(std::move(text));
        data.push_back(texts.back().c_str());
        sizes.push_back(static_cast<int>(texts.back().size()));
        formats.push_back(binary ? 1 : 0);
      };
      if (const auto* const integer = std::get_if<std::int64_t>(&value)) {
        add(fmt::format("{}", *integer));
      } else if (const auto* const real = std::get_if<double>(&value)) {
        add(fmt::format("{:.17g}", *real));
      } else if (const auto* const text = std::get_if<std::string_view>(&value)) {
        if (text->contains('\0')) return fail(ErrorKind::invalid_argument, "a TEXT holds no NUL");
        add(std::string(*text));
      } else if (const auto* const bytes = std::get_if<BytesView>(&value)) {
        add(std::string(bytes->begin(), bytes->end()), true);
      } else {
        data.push_back(nullptr);
        sizes.push_back(0);
        formats.push_back(0);
      }
    }
    const PostgresResult result =
        TRY(check(PostgresResult(PQexecPrepared(handle_.get(), found->second.name.c_str(),
                                                static_cast<int>(values.size()), data.data(), sizes.data(),
                                                formats.data(), 0)),
                  sql));
    for (int row = 0; row < PQntuples(result.get()); ++row) visit(PostgresRow(result.get(), row));
    return std::strtoll(PQcmdTuples(result.get()), nullptr, 10);
  }

  [[nodiscard]] bool in_transaction() const override {
    return PQtransactionStatus(handle_.get()) != PQTRANS_IDLE;
  }
  [[nodiscard]] bool conflicted() const override { return conflicted_; }

 private:
  struct Statement {
    std::string name;
    int parameters = 0;
  };

  explicit PostgresConnection(PostgresHandle handle) : handle_(std::move(handle)) {}

  Result<PostgresResult> check(PostgresResult result, std::string_view sql) {
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return result;
    const char* const field = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
    const std::string_view code = field == nullptr ? "08000" : field;
    // A serialization failure or a deadlock.
    if (code == "40001" || code == "40P01") conflicted_ = true;
    return fail(kind_of(code), fmt::format("PostgreSQL ({}): {} in `{}`", code, PQerrorMessage(handle_.get()),
                                           sql.substr(0, 200)));
  }

  static ErrorKind kind_of(std::string_view code) {
    const std::string_view group = code.substr(0, 2);
    if (code == "23505") return ErrorKind::already_exists;
    if (group == "23" || group == "22") return ErrorKind::invalid_argument;
    if (code == "53100") return ErrorKind::no_space;
    if (group == "40" || group == "53" || group == "57" || group == "08") return ErrorKind::unavailable;
    if (code == "25006" || code == "42501") return ErrorKind::permission_denied;
    if (group == "42" || group == "26" || group == "25") return ErrorKind::internal;
    return ErrorKind::io;
  }

  PostgresHandle handle_;
  std::unordered_map<std::string_view, Statement> statements_;
  bool conflicted_ = false;
};

class PostgresEngine final : public Engine {
 public:
  explicit PostgresEngine(std::string where) : where_(std::move(where)) {}

  Result<std::unique_ptr<Connection>> connect(Use) override { return PostgresConnection::open(where_); }
  [[nodiscard]] std::string begin_migration() const override {
    return "BEGIN; SELECT pg_advisory_xact_lock(1)";
  }
  [[nodiscard]] std::string begin_write() const override { return "BEGIN ISOLATION LEVEL SERIALIZABLE"; }
  [[nodiscard]] std::string begin_read() const override {
    return "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
  }

 private:
  const std::string where_;
};

/// A database of PostgreSQL, which knows the domain BLOB, for every name. `where`: as libpq wants it.
class PostgresStores final : public Stores {
 public:
  PostgresStores(std::string where, StoreOptions options)
      : where_(std::move(where)), options_(std::move(options)) {}

  Result<std::unique_ptr<Database>> open(const Tables& tables) override {
    return open_database(std::make_unique<PostgresEngine>(where_), tables.schemas, options_, tally_);
  }
  [[nodiscard]] bool holds(std::string_view) const override { return true; }
  [[nodiscard]] StoreCounters counters() const override { return tally_->counters(); }

 private:
  const std::string where_;
  const StoreOptions options_;
  const std::shared_ptr<StoreTally> tally_ = std::make_shared<StoreTally>();
};

}  // namespace sightline::store::test
