#include "base/process/limits.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstring>

namespace sightline::process {
namespace {

Result<void> limit(__rlimit_resource resource, std::uint64_t soft, std::uint64_t hard) {
  const rlimit value{soft, hard};
  if (::setrlimit(resource, &value) == 0) return {};
  return fail(ErrorKind::unavailable,
              fmt::format("a process's limits cannot be set: {}", std::strerror(errno)));
}

}  // namespace

Result<void> set_limits(const Limits& limits) {
  if (!limits.core_file) TRY(limit(RLIMIT_CORE, 0, 0));
  if (limits.file_size) TRY(limit(RLIMIT_FSIZE, *limits.file_size, *limits.file_size));
  if (limits.memory) TRY(limit(RLIMIT_DATA, *limits.memory, *limits.memory));
  if (limits.processor_time) {
    // At the hard limit it would be SIGKILL, which may come from elsewhere.
    const auto most = static_cast<std::uint64_t>(limits.processor_time->count());
    TRY(limit(RLIMIT_CPU, most, most + 1));
  }
  return {};
}

}  // namespace sightline::process
