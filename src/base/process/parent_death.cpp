#include "base/process/parent_death.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>

namespace sightline::process {

bool dies_with_parent(pid_t parent) {
  return ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && ::getppid() == parent;
}

Result<void> die_with_parent() {
  if (dies_with_parent(::getppid())) return {};
  return fail(ErrorKind::unavailable, "the process that started this one is gone");
}

}  // namespace sightline::process
