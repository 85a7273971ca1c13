#pragma once
// A copy of this process that does one thing, and ends with its parent.

#include <functional>
#include <span>

#include "base/process/child_process.h"
#include "base/result.h"

namespace sightline::process {

/// Forks. The child keeps the descriptors `kept` and no other, under the same numbers, runs `body` and ends
/// with the status that it returns, without running destructors or what atexit() knows. It is killed when the
/// calling thread ends, and if `body` throws it aborts. The parent's signal handlers and mask stay in force.
///
/// In a process of several threads the child has but the calling one, and locks that others held stay locked:
/// `body` may then call only what is async-signal-safe, and not allocate. Errors: unavailable.
[[nodiscard]] Result<ChildProcess> fork_child(std::span<const int> kept, const std::function<int()>& body);

}  // namespace sightline::process
