#include "store/stores.h"

#include <fmt/format.h>

#include "store/connected_database.h"
#include "store/reserve.h"
#include "store/sqlite.h"

namespace sightline::store {
namespace {

class SqliteFile final : public Engine {
 public:
  SqliteFile(std::filesystem::path path, Erasure erasure) : path_(std::move(path)), erasure_(erasure) {}

  Result<std::unique_ptr<Connection>> connect(Use use) override {
    auto connection = TRY(SqliteConnection::open(path_, erasure_));
    if (use == Use::reading) TRY(connection->run("PRAGMA query_only=ON"));
    return connection;
  }
  // At once: a lock that is taken later may fail in the middle of what has been read.
  [[nodiscard]] std::string begin_migration() const override { return "BEGIN IMMEDIATE"; }
  [[nodiscard]] std::string begin_write() const override { return "BEGIN IMMEDIATE"; }
  [[nodiscard]] std::string begin_read() const override { return "BEGIN"; }
  [[nodiscard]] std::string description() const override {
    return fmt::format("database '{}'", path_.string());
  }

 private:
  const std::filesystem::path path_;
  const Erasure erasure_;
};

class FolderStores final : public Stores {
 public:
  FolderStores(std::filesystem::path folder, StoreOptions options, std::shared_ptr<Reserve> reserve)
      : folder_(std::move(folder)), options_(std::move(options)), reserve_(std::move(reserve)) {}

  Result<std::unique_ptr<Database>> open(const Tables& tables) override {
    return open_database(std::make_unique<SqliteFile>(file(tables.name), tables.erasure), tables.schemas,
                         options_, tally_, reserve_);
  }
  [[nodiscard]] bool holds(std::string_view name) const override {
    std::error_code ignored;
    return std::filesystem::exists(file(name), ignored);
  }
  [[nodiscard]] StoreCounters counters() const override { return tally_->counters(); }

 private:
  [[nodiscard]] std::filesystem::path file(std::string_view name) const {
    return folder_ / fmt::format("{}.db", name);
  }

  const std::filesystem::path folder_;
  const StoreOptions options_;
  const std::shared_ptr<Reserve> reserve_;
  const std::shared_ptr<StoreTally> tally_ = std::make_shared<StoreTally>();
};

}  // namespace

std::unique_ptr<Stores> stores_in_folder(std::filesystem::path folder, StoreOptions options) {
  return std::make_unique<FolderStores>(std::move(folder), std::move(options), nullptr);
}

std::unique_ptr<Stores> stores_in_folder(std::filesystem::path folder, std::shared_ptr<Reserve> reserve) {
  return std::make_unique<FolderStores>(std::move(folder), StoreOptions{}, std::move(reserve));
}

}  // namespace sightline::store
