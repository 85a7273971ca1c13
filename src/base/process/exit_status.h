#pragma once
// How a process ended.

#include <string>

namespace sightline::process {

/// Exactly one of the two is set, unless nobody knows: somebody else has waited for the process, and both are
/// -1.
struct ExitStatus {
  int code = -1;    ///< of exit(): 0..255; -1 where a signal ended it
  int signal = -1;  ///< that ended it; -1 where it ended by itself

  [[nodiscard]] bool succeeded() const { return code == 0; }
  /// For "the worker ...": "ended with status 3", "was ended by signal 11"; empty where it succeeded.
  [[nodiscard]] std::string failure() const;
};

/// Of what waitpid() reports of a process that has ended.
[[nodiscard]] ExitStatus exit_status(int wait_status);

}  // namespace sightline::process
