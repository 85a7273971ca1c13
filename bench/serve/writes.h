#pragma once
// Small durable writes: messages into a queue, objects of 1 KiB.

#include <chrono>
#include <filesystem>
#include <optional>

#include "base/result.h"
#include "serve/client.h"

namespace sightline::bench {

/// SendMessage and PutObject over 1, 8 and 64 connections, with the commits that the server counts; the same
/// of `beside`; and what SQLite and the disk below `folder` do by themselves.
[[nodiscard]] Result<void> measure_writes(const Target& server, const Key& key,
                                          const std::optional<Target>& beside,
                                          const std::filesystem::path& folder, std::chrono::seconds length);

}  // namespace sightline::bench
