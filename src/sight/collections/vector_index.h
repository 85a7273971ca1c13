#pragma once
// The vectors of one collection in memory, and the search among them.
//
// A search looks at all of them: 8 bits a number in one pass over the memory, then all 16 bits of those that
// may be among the nearest. It leaves out no part of the collection, so nothing has to be tuned or built, an
// added vector is found by the next search, and a removed one by none. Measured: docs/benchmarks/search.md.

#include <cstddef>
#include <optional>
#include <vector>

#include "sight/collections/coded_vector.h"
#include "sight/collections/scan.h"
#include "sight/collections/uuid.h"
#include "sight/collections/vector_chunk.h"
#include "sight/collections/writer_first_mutex.h"

namespace sightline::collections {

struct Neighbour {
  Uuid id;
  float distance = 0;  ///< Euclidean, in the recogniser's own units
};

struct NeighbourQuery {
  CodedVector vector;
  std::size_t max_results = 1;
  float max_distance = 0;
  std::optional<Uuid> except;  ///< the one that is asked for itself
};

/// Thread-safe. Writers wait for the scan of one chunk at most.
class VectorIndex {
 public:
  explicit VectorIndex(const ScanKernel& kernel = scan_kernels().front()) : kernel_(kernel) {}

  /// `id` is not there yet. Quick when it is above those that are there; else put_in_order() has to follow
  /// before anything is found or removed by its id.
  void append(const Uuid& id, const CodedVector& vector);
  void put_in_order();
  /// False when it is not there.
  bool remove(const Uuid& id);
  [[nodiscard]] std::optional<CodedVector> find(const Uuid& id) const;
  /// The nearest within the distance, nearest first.
  [[nodiscard]] std::vector<Neighbour> search(const NeighbourQuery& query) const;

  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::size_t bytes() const;

 private:
  const ScanKernel kernel_;
  mutable WriterFirstMutex mutex_;
  /// Never fewer, so that a search goes from one to the next without holding the lock.
  std::vector<VectorChunk> chunks_;
  std::size_t size_ = 0;
};

}  // namespace sightline::collections
