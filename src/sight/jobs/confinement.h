#pragma once
// What a worker may still do once it has everything it needs: compute, and use what it holds.

#include <chrono>
#include <cstdint>

#include "base/result.h"

namespace sightline::jobs {

struct Confinement {
  std::uint64_t max_memory = std::uint64_t{6} << 30U;  ///< bytes of private writable memory
  std::chrono::seconds max_processor_time{0};          ///< then it dies of SIGXCPU; 0: no limit
};

/// For good, and for all threads: no new privileges; no core file, no file of any size; a seccomp list of
/// system calls that allows memory, threads and what is done with open descriptors. Nothing can be opened,
/// not even for reading; no socket, no new process, no program, no look into or signal to another process.
/// What is not allowed fails with EPERM. A process of root becomes nobody first. docs/adr/0012-worker.md says
/// what is not confined. Errors: unavailable (the kernel has no seccomp).
[[nodiscard]] Result<void> confine(const Confinement& limits);

/// Dies when the thread that started this process does. Before confine().
[[nodiscard]] Result<void> die_with_parent();

}  // namespace sightline::jobs
