#pragma once
// How much of a disk is taken, and how much is left.

#include <cstdint>
#include <filesystem>
#include <stop_token>

namespace sightline::store {

/// Bytes that a file takes, or a folder with everything below it; links are not followed. What is not there,
/// or goes meanwhile, takes none. As long as that takes: some microseconds a file; less after `stop`.
[[nodiscard]] std::uint64_t bytes_on_disk(const std::filesystem::path& path,
                                          const std::stop_token& stop = {});

/// Bytes of the file system of `folder` that this process may still write; 0 where it is unknown.
[[nodiscard]] std::uint64_t free_bytes(const std::filesystem::path& folder);

}  // namespace sightline::store
