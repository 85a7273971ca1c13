#include "base/process/fork_child.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <vector>

#include "base/process/parent_death.h"

namespace sightline::process {
namespace {

/// `kept` rises. Allocates nothing.
void close_all_but(std::span<const int> kept) {
  unsigned from = 0;
  for (const int fd : kept) {
    if (fd < 0) continue;
    const auto number = static_cast<unsigned>(fd);
    if (from < number) (void)::close_range(from, number - 1, 0);
    from = number + 1;
  }
  (void)::close_range(from, UINT_MAX, 0);
}

[[noreturn]] void run_child(pid_t parent, std::span<const int> kept,
                            const std::function<int()>& body) noexcept {
  if (!dies_with_parent(parent)) ::_exit(1);
  close_all_but(kept);
  ::_exit(body());
}

}  // namespace

Result<ChildProcess> fork_child(std::span<const int> kept, const std::function<int()>& body) {
  std::vector<int> rising(kept.begin(), kept.end());
  std::ranges::sort(rising);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) run_child(parent, rising, body);
  if (child < 0) {
    return fail(ErrorKind::unavailable, fmt::format("no process can be made: {}", std::strerror(errno)));
  }
  return ChildProcess(child);
}

}  // namespace sightline::process
