#pragma once
// A Database over the connections of an engine: everything in which SQLite and PostgreSQL do not differ. Of
// this module and its tests alone.

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/database.h"
#include "store/reserve.h"
#include "store/stores.h"

namespace sightline::store {

/// Of one thread at a time.
class Connection {
 public:
  virtual ~Connection() = default;
  /// Statements without parameters or answers, separated by ';'.
  [[nodiscard]] virtual Result<void> run(const std::string& sql) = 0;
  /// The text outlives the connection. Errors: internal (it is wrong).
  [[nodiscard]] virtual Result<void> prepare(std::string_view sql) = 0;
  /// A statement that has been prepared. Returns how many rows it has changed, where it changes any.
  [[nodiscard]] virtual Result<std::int64_t> query(std::string_view sql, std::span<const Value> values,
                                                   const std::function<void(const Row&)>& visit) = 0;
  /// False when the engine itself has undone the transaction, as SQLite does on a full disk.
  [[nodiscard]] virtual bool in_transaction() const = 0;
  /// Whether the last error was that another process's transaction came between: to be run again from BEGIN.
  [[nodiscard]] virtual bool conflicted() const { return false; }
  /// As Database::checkpoint().
  [[nodiscard]] virtual Result<void> checkpoint() { return {}; }
};

/// Where connections come from, and the words in which engines differ. Thread-safe.
class Engine {
 public:
  enum class Use : std::uint8_t { reading, writing };

  virtual ~Engine() = default;
  [[nodiscard]] virtual Result<std::unique_ptr<Connection>> connect(Use use) = 0;
  /// One process at a time.
  [[nodiscard]] virtual std::string begin_migration() const = 0;
  [[nodiscard]] virtual std::string begin_write() const = 0;
  [[nodiscard]] virtual std::string begin_read() const = 0;
  /// For messages: "database 'queues.db'".
  [[nodiscard]] virtual std::string description() const { return "a database"; }
};

/// What a Stores and its databases count together.
struct StoreTally {
  std::atomic<std::uint64_t> writes = 0;
  std::atomic<std::uint64_t> commits = 0;
  [[nodiscard]] StoreCounters counters() const { return {writes, commits}; }
};

[[nodiscard]] Result<std::unique_ptr<Database>> open_database(std::unique_ptr<Engine> engine,
                                                              std::vector<Schema> schemas,
                                                              const StoreOptions& options,
                                                              std::shared_ptr<StoreTally> tally,
                                                              std::shared_ptr<Reserve> reserve = {});

}  // namespace sightline::store
