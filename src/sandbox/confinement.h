#pragma once
// What a process may still do once it has everything it needs: compute, and use what it holds.

#include <chrono>
#include <cstdint>

#include "base/result.h"

namespace sightline::sandbox {

struct Confinement {
  std::uint64_t max_memory = std::uint64_t{6} << 30U;  ///< bytes of private writable memory
  std::chrono::seconds max_processor_time{0};          ///< then it dies of SIGXCPU; 0: no limit
};

/// For good, and for all threads: no new privileges; no core file, no file of any size; a seccomp list of
/// system calls that allows memory, threads and what is done with open descriptors. Nothing can be opened,
/// not even for reading; no socket, no new process, no program, no look into or signal to another process.
/// What is not allowed fails with EPERM. A process of root becomes nobody first, and is killed when the
/// thread that started it ends. docs/adr/0012-worker.md says what is not confined. Once, by a thread that
/// does not race with others that open what they need; not for signal handlers. Errors: unavailable (the
/// kernel has no seccomp, limits lower than these are in force), permission_denied (root cannot be left).
/// After an error the process may be confined in part, and should end.
[[nodiscard]] Result<void> confine(const Confinement& confinement);

}  // namespace sightline::sandbox
