#pragma once
// Pipes between processes.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/descriptor.h"
#include "base/result.h"

namespace sightline::process {

/// Both ends are closed in a program that is started, unless it is given one.
struct Pipe {
  Descriptor reading;
  Descriptor writing;
};

/// Thread-safe. Errors: unavailable (too many open files).
[[nodiscard]] Result<Pipe> make_pipe();

/// Whether a read from `fd` would return at once, with bytes or because the other end is closed; waits so
/// long at most until it does. A signal does not end the wait. Errors: io. Thread-safe.
[[nodiscard]] Result<bool> is_readable(int fd, std::chrono::milliseconds patience);

/// Waits so long at most for bytes, and reads what there is, up to the buffer's size. How many bytes: 0 once
/// the other end is closed, nullopt where none came in time. Errors: io. Thread-safe.
[[nodiscard]] Result<std::optional<std::size_t>> read_within(int fd, std::span<std::uint8_t> buffer,
                                                             std::chrono::milliseconds patience);

}  // namespace sightline::process
