#pragma once
// The one way to the databases of all modules: each opens its own by name. Which engine keeps them, and
// where, is said once, by who makes the Stores.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/database.h"

namespace sightline::store {

enum class Erasure : std::uint8_t {
  lazy,  ///< deleted rows leave their bytes until the space is used again
  /// Deleted rows are overwritten at once. Not so the copies that SQLite leaves in a page's free space when
  /// it moves rows between pages, as deletions make it do: what must leave no trace at all is overwritten in
  /// place, by an UPDATE to as many bytes, in rows that are never deleted.
  secure,
};

/// What a module keeps.
struct Tables {
  std::string_view name;  ///< "queues"; may name a folder, which is there: "jobs/jobs"
  std::vector<Schema> schemas;
  Erasure erasure = Erasure::lazy;
};

/// Of all databases since they were opened.
struct StoreCounters {
  std::uint64_t writes = 0;   ///< that were kept
  std::uint64_t commits = 0;  ///< which they shared
};

/// Thread-safe.
class Stores {
 public:
  virtual ~Stores() = default;
  /// Opens a module's database or makes it, brings its schemas up to date and prepares every statement. The
  /// database may outlive this object. Errors: unsupported (made by a newer version), corrupt,
  /// permission_denied, io, internal (a statement that is wrong).
  [[nodiscard]] virtual Result<std::unique_ptr<Database>> open(const Tables& tables) = 0;
  /// Whether it has been made.
  [[nodiscard]] virtual bool holds(std::string_view name) const = 0;
  [[nodiscard]] virtual StoreCounters counters() const = 0;
};

/// The steps of a commit, for tests that fail or kill the process there.
enum class WriteStep : std::uint8_t { begun, worked, committed };

struct StoreOptions {
  std::size_t max_readers = 8;  ///< of each database; further ones wait
  /// Called on the thread that writes.
  std::function<void(WriteStep)> at_step = {};
  /// For tests: every write's work is run, undone and run again, as where another process was quicker.
  bool run_twice = false;
};

/// SQLite, a file (mode 0600) for each name: `folder`/queues.db. The folder is there.
[[nodiscard]] std::unique_ptr<Stores> stores_in_folder(std::filesystem::path folder,
                                                       StoreOptions options = {});

}  // namespace sightline::store
