#pragma once
// What the kernel lets this process use.

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/result.h"

namespace sightline::process {

/// What is not set stays as it is.
struct Limits {
  std::optional<std::uint64_t> memory;                 ///< bytes of private writable memory; else ENOMEM
  std::optional<std::chrono::seconds> processor_time;  ///< of all threads, from 1; then it dies of SIGXCPU
  std::optional<std::uint64_t> file_size;              ///< bytes that a written file may have; 0: none
  bool core_file = true;                               ///< a crash may leave one
};

/// For good: neither this process nor what it starts can raise them, without the rights of root. For all
/// threads. Errors: unavailable (a limit above the one in force).
[[nodiscard]] Result<void> set_limits(const Limits& limits);

}  // namespace sightline::process
