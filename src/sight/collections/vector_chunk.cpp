#include "sight/collections/vector_chunk.h"

#include <sys/mman.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <new>
#include <vector>

namespace sightline::collections {
namespace {

constexpr std::size_t kBytesEach = 2 * kDimensions + 2 * sizeof(float) + sizeof(Uuid);
constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr float kRemoved = std::numeric_limits<float>::infinity();
/// Of a normal distribution: 3 in 100,000 lie beyond it, on one side.
constexpr float kDeviations = 4;

std::uint8_t* allocate(std::size_t bytes) {
  // A scan walks over all of it: large pages spare it the misses of the address tables.
  const std::size_t alignment = bytes >= kHugePage ? kHugePage : 64;
  const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  void* const memory = std::aligned_alloc(alignment, rounded);
  if (memory == nullptr) throw std::bad_alloc();
  // Advice: without it the scan is slower, and as right.
  if (bytes >= kHugePage) static_cast<void>(::madvise(memory, rounded, MADV_HUGEPAGE));
  return static_cast<std::uint8_t*>(memory);
}

}  // namespace

VectorChunk::VectorChunk(std::size_t capacity)
    : capacity_(capacity),
      memory_(allocate(capacity * kBytesEach)),
      upper_(memory_.get()),
      lower_(reinterpret_cast<std::int8_t*>(upper_ + capacity * kDimensions)),
      scales_(reinterpret_cast<float*>(upper_ + 2 * capacity * kDimensions)),
      norms_(scales_ + capacity),
      ids_(reinterpret_cast<Uuid*>(norms_ + capacity)) {}

void VectorChunk::append(const Uuid& id, const CodedVector& vector) {
  const std::size_t slot = used_++;
  ++live_;
  if (slot % kScanGroup == 0) {
    // The rest of the group is scanned with it.
    std::memset(upper_ + slot * kDimensions, 0, kScanGroup * kDimensions);
    std::fill_n(scales_ + slot, kScanGroup, 0.0F);
    std::fill_n(norms_ + slot, kScanGroup, kRemoved);
  }
  float norm = 0;
  for (std::size_t i = 0; i < kDimensions; ++i) {
    const std::int16_t code = vector.codes[i];
    upper_[slot * kDimensions + i] = static_cast<std::uint8_t>(upper_code(code) + 128);
    lower_[slot * kDimensions + i] = lower_code(code);
    const float value = vector.scale * static_cast<float>(code);
    norm += value * value;
  }
  scales_[slot] = vector.scale;
  norms_[slot] = norm;
  in_order_ = in_order_ && (slot == 0 || ids_[slot - 1] < id);
  ids_[slot] = id;
  largest_scale_ = std::max(largest_scale_, vector.scale);
  largest_norm_ = std::max(largest_norm_, norm);
}

std::optional<std::size_t> VectorChunk::slot_of(const Uuid& id) const {
  const Uuid* const found = std::lower_bound(ids_, ids_ + used_, id);
  const auto slot = static_cast<std::size_t>(found - ids_);
  if (slot == used_ || *found != id || norms_[slot] == kRemoved) return std::nullopt;
  return slot;
}

bool VectorChunk::remove(const Uuid& id) {
  const auto slot = slot_of(id);
  if (!slot) return false;
  norms_[*slot] = kRemoved;
  scales_[*slot] = 0;
  std::memset(upper_ + *slot * kDimensions, 0, kDimensions);
  std::memset(lower_ + *slot * kDimensions, 0, kDimensions);
  --live_;
  return true;
}

CodedVector VectorChunk::vector(std::size_t slot) const {
  CodedVector vector;
  vector.scale = scales_[slot];
  for (std::size_t i = 0; i < kDimensions; ++i) {
    const std::size_t place = slot * kDimensions + i;
    vector.codes[i] = static_cast<std::int16_t>(256 * (upper_[place] - 128) + lower_[place]);
  }
  return vector;
}

std::optional<CodedVector> VectorChunk::find(const Uuid& id) const {
  const auto slot = slot_of(id);
  if (!slot) return std::nullopt;
  return vector(*slot);
}

VectorChunk VectorChunk::copy(std::size_t capacity) const {
  std::vector<std::uint32_t> slots;
  slots.reserve(live_);
  for (std::size_t slot = 0; slot < used_; ++slot)
    if (norms_[slot] != kRemoved) slots.push_back(static_cast<std::uint32_t>(slot));
  if (!in_order_) std::ranges::sort(slots, {}, [&](std::uint32_t slot) { return ids_[slot]; });
  VectorChunk chunk(capacity);
  for (const std::uint32_t slot : slots) chunk.append(ids_[slot], vector(slot));
  return chunk;
}

std::size_t VectorChunk::bytes() const {
  return capacity_ * kBytesEach;
}

ScanRows VectorChunk::rows(std::size_t first, std::size_t count) const {
  const std::size_t end = std::min(first + count, used_);
  const std::size_t groups = (end - first + kScanGroup - 1) / kScanGroup;
  return {upper_ + first * kDimensions, scales_ + first, norms_ + first, groups * kScanGroup};
}

float VectorChunk::margin(const CodedVector& query, float query_norm) const {
  // An upper code is off by up to 128 steps, evenly: a variance of 256^2/12 a dimension, independent of the
  // other side's value. The scan's distance has twice the product of one side and the other's error.
  const float own = 256 * largest_scale_;
  const float other = 256 * query.scale;
  const float variance = (query_norm * own * own + largest_norm_ * other * other) / 12;
  // The two errors' own product, and the rounding of sums in floats.
  const float rest =
      own * other * static_cast<float>(kDimensions) / 12 + 1e-5F * (query_norm + largest_norm_);
  return 2 * kDeviations * std::sqrt(variance) + rest;
}

float VectorChunk::distance(const std::array<float, kDimensions>& query, std::size_t slot) const {
  // Sums side by side, which the compiler turns into vector instructions.
  constexpr std::size_t kSums = 16;
  std::array<float, kSums> sums{};
  const std::uint8_t* const upper = upper_ + slot * kDimensions;
  const std::int8_t* const lower = lower_ + slot * kDimensions;
  const float scale = scales_[slot];
  for (std::size_t i = 0; i < kDimensions; i += kSums) {
    for (std::size_t j = 0; j < kSums; ++j) {
      const int code = 256 * (upper[i + j] - 128) + lower[i + j];
      const float difference = query[i + j] - scale * static_cast<float>(code);
      sums[j] += difference * difference;
    }
  }
  float sum = 0;
  for (const float part : sums) sum += part;
  return sum;
}

}  // namespace sightline::collections
