#include "base/process/child_process.h"

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <thread>
#include <utility>

namespace sightline::process {
namespace {

constexpr std::chrono::milliseconds kLookEvery{5};

}  // namespace

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)), ended_(other.ended_) {}

ChildProcess::~ChildProcess() {
  kill();
}

void ChildProcess::reap(int options) {
  if (pid_ <= 0) return;
  int status = 0;
  pid_t found = 0;
  do {
    found = ::waitpid(pid_, &status, options);
  } while (found < 0 && errno == EINTR);
  if (found == 0) return;
  // Without the child, its number must not be used any more: it may be another's.
  ended_ = found < 0 ? ExitStatus{} : exit_status(status);
  pid_ = 0;
}

std::optional<ExitStatus> ChildProcess::wait_for(std::chrono::milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  reap(WNOHANG);
  while (pid_ > 0) {
    const auto left = until - std::chrono::steady_clock::now();
    if (left <= left.zero()) return std::nullopt;
    std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(left, kLookEvery));
    reap(WNOHANG);
  }
  return ended_.value_or(ExitStatus{});
}

ExitStatus ChildProcess::terminate(std::chrono::milliseconds patience) {
  reap(WNOHANG);
  if (pid_ > 0) ::kill(pid_, SIGTERM);
  if (const auto ended = wait_for(patience)) return *ended;
  return kill();
}

ExitStatus ChildProcess::kill() {
  if (pid_ > 0) {
    // A child that has ended, but has not been waited for, keeps its number: this meets nobody else.
    ::kill(pid_, SIGKILL);
    reap(0);
  }
  return ended_.value_or(ExitStatus{});
}

}  // namespace sightline::process
