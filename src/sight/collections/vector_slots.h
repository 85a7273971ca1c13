#pragma once
// Where the vectors lie in the database: rows of one size that are written over, and never deleted.
//
// Deleting rows would make SQLite move others, and it leaves copies of those behind that a later deletion
// does not reach. A slot that was cleared is used again by the same tenant. Private to this module.

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sight/collections/coded_vector.h"
#include "sight/collections/collection.h"
#include "sight/collections/uuid.h"
#include "store/database.h"

namespace sightline::collections {

/// Thread-safe.
class VectorSlots {
 public:
  struct Filled {
    std::int64_t slot = 0;
    std::int64_t number = 0;  ///< the collection's
    Uuid face;
    CodedVector vector;
  };
  /// Reads all that are filled, in any order. Errors: corrupt.
  using Visit = std::function<void(const Filled&)>;
  [[nodiscard]] Result<void> load(store::Transaction& transaction, const Visit& visit);

  /// Takes a slot and fills it; the slot is on no list until it is released.
  [[nodiscard]] Result<std::int64_t> fill(store::Transaction& transaction, const Tenant& tenant,
                                          std::int64_t number, const Uuid& face, const CodedVector& vector);
  /// Overwrites what the slots hold.
  [[nodiscard]] Result<void> clear(store::Transaction& transaction, const Tenant& tenant,
                                   std::span<const std::int64_t> slots);
  /// Once they are cleared, or were never filled: their transaction came to nothing.
  void release(const Tenant& tenant, std::span<const std::int64_t> slots);

 private:
  struct Slots {
    std::int64_t next = 0;
    std::vector<std::int64_t> free;
  };

  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, Slots> tenants_;
};

}  // namespace sightline::collections
