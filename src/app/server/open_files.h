#pragma once
// How many files the process may have open, and what the server can take on with them.

#include <cstdint>

#include "net/server.h"

namespace sightline::server {

/// `limits` with no more connections and transfers than a process may have that opens `files` at most: each
/// connection is one, each transfer one more, and some are for the tables.
[[nodiscard]] net::ServerLimits fitted_to(net::ServerLimits limits, std::uint64_t files);

/// Raises the process's own limit as far as it may and is of use; returns the server's limits under it.
[[nodiscard]] net::ServerLimits limits_under_open_files();

}  // namespace sightline::server
