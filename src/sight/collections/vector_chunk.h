#pragma once
// Some ten thousand vectors side by side, as the scan wants them: a part of a VectorIndex.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>

#include "sight/collections/coded_vector.h"
#include "sight/collections/scan.h"
#include "sight/collections/uuid.h"

namespace sightline::collections {

/// Slots in the order of their ids, but for what was appended out of order since the last copy. A removed
/// vector's slot is overwritten, and stays until the chunk is copied. Not thread-safe.
class VectorChunk {
 public:
  /// `capacity`: a multiple of kScanGroup.
  explicit VectorChunk(std::size_t capacity);

  /// There is room. Until the next copy() nothing is found by id once ids came out of order.
  void append(const Uuid& id, const CodedVector& vector);
  /// False when it is not there.
  bool remove(const Uuid& id);
  [[nodiscard]] std::optional<CodedVector> find(const Uuid& id) const;
  /// The vectors that are left, in order, in a chunk of this capacity.
  [[nodiscard]] VectorChunk copy(std::size_t capacity) const;

  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  [[nodiscard]] std::size_t used() const { return used_; }  ///< slots, removed ones too
  [[nodiscard]] std::size_t live() const { return live_; }
  [[nodiscard]] std::size_t bytes() const;
  [[nodiscard]] bool in_order() const { return in_order_; }

  [[nodiscard]] const Uuid& id(std::size_t slot) const { return ids_[slot]; }
  /// Up to `count` slots from `first` (a multiple of kScanGroup) on.
  [[nodiscard]] ScanRows rows(std::size_t first, std::size_t count) const;
  /// How far a scan's distance may be too large, but for one vector in some ten thousand.
  [[nodiscard]] float margin(const CodedVector& query, float query_norm) const;
  /// Squared, from all 16 bits. `query`: as floats.
  [[nodiscard]] float distance(const std::array<float, kDimensions>& query, std::size_t slot) const;

 private:
  struct Free {
    void operator()(std::uint8_t* memory) const { std::free(memory); }
  };
  [[nodiscard]] std::optional<std::size_t> slot_of(const Uuid& id) const;
  [[nodiscard]] CodedVector vector(std::size_t slot) const;

  std::size_t capacity_;
  std::size_t used_ = 0;
  std::size_t live_ = 0;
  bool in_order_ = true;
  float largest_scale_ = 0;
  float largest_norm_ = 0;
  std::unique_ptr<std::uint8_t, Free> memory_;
  // Planes within the memory.
  std::uint8_t* upper_;
  std::int8_t* lower_;
  float* scales_;
  float* norms_;
  Uuid* ids_;
};

}  // namespace sightline::collections
