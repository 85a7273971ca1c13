#pragma once
// A child process: waits for it, ends it, and leaves no zombie.

#include <sys/types.h>

#include <chrono>
#include <optional>

#include "base/process/exit_status.h"

namespace sightline::process {

/// Owns a child: it is waited for exactly once, here. Not thread-safe. Nothing here may be called from a
/// signal handler, and SIGCHLD must not be ignored, since the kernel then reports to nobody how a child
/// ended.
class ChildProcess {
 public:
  /// `pid` is a child of this process for which nobody else waits.
  explicit ChildProcess(pid_t pid) : pid_(pid) {}
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  /// Kills it, if it still runs.
  ~ChildProcess();

  /// How it ended; nullopt where it still runs when so much time has passed (looks once where that is 0).
  /// Once it has ended every call says the same.
  [[nodiscard]] std::optional<ExitStatus> wait_for(std::chrono::milliseconds patience);
  /// Asks it to end with SIGTERM, and kills it where it has not done so in time.
  ExitStatus terminate(std::chrono::milliseconds patience);
  /// Ends it with SIGKILL. Says how it ended: another way, where it had ended already.
  ExitStatus kill();

  /// 0 once it has ended and been waited for: the number may be another process's then.
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  void reap(int options);

  pid_t pid_;
  std::optional<ExitStatus> ended_;
};

}  // namespace sightline::process
