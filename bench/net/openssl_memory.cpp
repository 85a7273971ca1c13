#include "openssl_memory.h"

#include <fmt/format.h>
#include <malloc.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <utility>
#include <vector>

namespace sightline::bench {
namespace {

/// Those of this size and above are counted as one.
constexpr std::size_t kLargest = 20'000;
std::array<std::atomic<long>, kLargest + 1> live;

void count(void* block, long by) {
  if (block != nullptr) live[std::min(::malloc_usable_size(block), kLargest)] += by;
}

void* allocate(std::size_t size, const char*, int) {
  void* const block = std::malloc(size);
  count(block, 1);
  return block;
}

void* reallocate(void* old, std::size_t size, const char*, int) {
  count(old, -1);
  void* const block = std::realloc(old, size);
  count(block == nullptr ? old : block, 1);
  return block;
}

void release(void* block, const char*, int) {
  count(block, -1);
  std::free(block);
}

}  // namespace

void count_openssl_memory() {
  CRYPTO_set_mem_functions(allocate, reallocate, release);
}

Blocks openssl_blocks() {
  Blocks out;
  for (std::size_t size = 0; size < live.size(); ++size)
    if (live[size] != 0) out[size] = live[size];
  return out;
}

std::string added_to_each(const Blocks& before, const Blocks& after, int count) {
  std::vector<std::pair<std::size_t, long>> each;  // all blocks of a size, their number
  std::size_t small = 0;
  std::size_t total = 0;
  for (const auto& [size, blocks] : after) {
    const auto was = before.find(size);
    const long more = (blocks - (was == before.end() ? 0 : was->second) + count / 2) / count;
    if (more <= 0) continue;
    const std::size_t bytes = size * static_cast<std::size_t>(more);
    total += bytes;
    if (bytes < 200) {
      small += bytes;
    } else {
      each.emplace_back(size, more);
    }
  }
  std::ranges::sort(each, std::greater(), [](const auto& one) { return one.first; });
  std::string out;
  for (const auto& [size, blocks] : each) out += fmt::format("{} x {} B, ", blocks, size);
  return fmt::format("{}{} B in smaller ones: {:.1f} KB", out, small, static_cast<double>(total) / 1000);
}

}  // namespace sightline::bench
