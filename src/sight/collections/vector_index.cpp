#include "sight/collections/vector_index.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <shared_mutex>

namespace sightline::collections {
namespace {

constexpr std::size_t kSmallestChunk = 64;
constexpr std::size_t kLargestChunk = 65'536;
/// Rows between two looks at the results: few enough to stay in the processor's nearest cache.
constexpr std::size_t kBlock = 128;

std::size_t capacity_for(std::size_t count) {
  const std::size_t rounded = (count + kSmallestChunk - 1) / kSmallestChunk * kSmallestChunk;
  return std::clamp(rounded, kSmallestChunk, kLargestChunk);
}

/// The nearest so far.
class Nearest {
 public:
  explicit Nearest(const NeighbourQuery& query)
      : query_(query), limit_(query.max_distance * query.max_distance) {
    for (std::size_t i = 0; i < kDimensions; ++i) {
      values_[i] = query.vector.scale * static_cast<float>(query.vector.codes[i]);
      norm_ += values_[i] * values_[i];
    }
  }

  void scan(const ScanKernel& kernel, const ScanQuery& query, const VectorChunk& chunk) {
    const float margin = chunk.margin(query_.vector, norm_) - norm_;
    std::array<std::uint32_t, kBlock> hits{};
    for (std::size_t first = 0; first < chunk.used(); first += kBlock) {
      const std::size_t count = kernel.scan(query, chunk.rows(first, kBlock), limit_ + margin, hits.data());
      for (std::size_t i = 0; i < count; ++i) look_at(chunk, first + hits[i]);
    }
  }

  std::vector<Neighbour> take() {
    std::ranges::sort(found_, closer);
    for (Neighbour& neighbour : found_) neighbour.distance = std::sqrt(neighbour.distance);
    return std::move(found_);
  }

 private:
  static bool closer(const Neighbour& a, const Neighbour& b) {
    return a.distance != b.distance ? a.distance < b.distance : a.id < b.id;
  }

  void look_at(const VectorChunk& chunk, std::size_t slot) {
    const Neighbour one{chunk.id(slot), chunk.distance(values_, slot)};
    if (one.distance > limit_ || one.id == query_.except) return;
    found_.push_back(one);
    std::ranges::push_heap(found_, closer);
    if (found_.size() > query_.max_results) {
      std::ranges::pop_heap(found_, closer);
      found_.pop_back();
    }
    if (found_.size() == query_.max_results) limit_ = found_.front().distance;
  }

  const NeighbourQuery& query_;
  std::array<float, kDimensions> values_{};
  float norm_ = 0;
  float limit_;                   ///< squared
  std::vector<Neighbour> found_;  ///< a heap, the farthest in front; distances squared
};

}  // namespace

void VectorIndex::append(const Uuid& id, const CodedVector& vector) {
  std::unique_lock lock(mutex_);
  if (chunks_.empty()) {
    chunks_.emplace_back(kSmallestChunk);
  } else if (VectorChunk& last = chunks_.back(); last.used() == last.capacity()) {
    // With room to spare: removing and adding by turns must not copy each time.
    if (const std::size_t wanted = last.live() + last.live() / 4 + 1; wanted <= kLargestChunk) {
      last = last.copy(capacity_for(wanted));
    } else {
      chunks_.emplace_back(kLargestChunk);
    }
  }
  chunks_.back().append(id, vector);
  ++size_;
}

void VectorIndex::put_in_order() {
  std::unique_lock lock(mutex_);
  for (VectorChunk& chunk : chunks_)
    if (!chunk.in_order()) chunk = chunk.copy(chunk.capacity());
}

bool VectorIndex::remove(const Uuid& id) {
  std::unique_lock lock(mutex_);
  const auto chunk = std::ranges::find_if(chunks_, [&](VectorChunk& each) { return each.remove(id); });
  if (chunk == chunks_.end()) return false;
  --size_;
  if (chunk->used() > kSmallestChunk && chunk->live() < chunk->used() / 2)
    *chunk = chunk->copy(capacity_for(chunk->live()));
  return true;
}

std::optional<CodedVector> VectorIndex::find(const Uuid& id) const {
  std::shared_lock lock(mutex_);
  for (const VectorChunk& chunk : chunks_)
    if (auto vector = chunk.find(id)) return vector;
  return std::nullopt;
}

std::vector<Neighbour> VectorIndex::search(const NeighbourQuery& query) const {
  if (query.max_results == 0 || query.max_distance < 0) return {};
  const ScanQuery scan_query = make_scan_query(query.vector);
  Nearest nearest(query);
  for (std::size_t i = 0;; ++i) {
    std::shared_lock lock(mutex_);
    if (i >= chunks_.size()) break;
    nearest.scan(kernel_, scan_query, chunks_[i]);
  }
  return nearest.take();
}

std::size_t VectorIndex::size() const {
  std::shared_lock lock(mutex_);
  return size_;
}

std::size_t VectorIndex::bytes() const {
  std::shared_lock lock(mutex_);
  std::size_t bytes = 0;
  for (const VectorChunk& chunk : chunks_) bytes += chunk.bytes();
  return bytes;
}

}  // namespace sightline::collections
