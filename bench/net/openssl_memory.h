#pragma once
// What OpenSSL holds of the heap, by the size of its blocks.

#include <cstddef>
#include <map>
#include <string>

namespace sightline::bench {

/// Counts from now on; before the first use of OpenSSL in the process.
void count_openssl_memory();

/// Live blocks by their size.
using Blocks = std::map<std::size_t, long>;
[[nodiscard]] Blocks openssl_blocks();

/// In words: what every one of `count` connections has added, "1 x 7640 B, 2 x 968 B, ...: 13.9 KB".
[[nodiscard]] std::string added_to_each(const Blocks& before, const Blocks& after, int count);

}  // namespace sightline::bench
