#pragma once
// A child that does not outlive its parent.

#include <sys/types.h>

#include "base/result.h"

namespace sightline::process {

/// From now on this process is killed when the thread that started it ends. A change of user takes that back,
/// and a program that is started by execve() keeps it. Errors: unavailable (the parent is gone).
[[nodiscard]] Result<void> die_with_parent();

/// The same for a child that knows its parent, which may be gone before the first instruction. False: it is
/// gone. Async-signal-safe.
[[nodiscard]] bool dies_with_parent(pid_t parent);

}  // namespace sightline::process
