#include "base/process/exit_status.h"

#include <fmt/format.h>
#include <sys/wait.h>

namespace sightline::process {

std::string ExitStatus::failure() const {
  if (signal >= 0) return fmt::format("was ended by signal {}", signal);
  if (code < 0) return "ended in a way that nobody knows";
  return code == 0 ? std::string() : fmt::format("ended with status {}", code);
}

ExitStatus exit_status(int wait_status) {
  ExitStatus status;
  if (WIFSIGNALED(wait_status)) status.signal = WTERMSIG(wait_status);
  if (WIFEXITED(wait_status)) status.code = WEXITSTATUS(wait_status);
  return status;
}

}  // namespace sightline::process
