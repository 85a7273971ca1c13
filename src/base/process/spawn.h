#pragma once
// Starts a program that gets what it is given, and nothing else: no open file, no variable, no signal mask.

#include <filesystem>
#include <string>
#include <vector>

#include "base/process/child_process.h"
#include "base/result.h"

namespace sightline::process {

/// The program finds the file that is open here as `ours` under the number `theirs`.
struct PassedDescriptor {
  int ours;    ///< open; stays the caller's
  int theirs;  ///< 0..kMaxPassedDescriptor, of which 0 to 2 are standard input, output and error
};
inline constexpr int kMaxPassedDescriptor = 255;

struct SpawnOptions {
  std::filesystem::path program;              ///< a path: PATH is not searched
  std::vector<std::string> arguments;         ///< after the program's own name
  std::vector<std::string> environment;       ///< "NAME=value": all that it gets
  std::vector<PassedDescriptor> descriptors;  ///< no number of theirs twice
};

/// Starts it in a process group of its own (the terminal's Ctrl-C does not reach it), with every signal
/// unblocked and at its default. Standard input and outputs lead to /dev/null where no descriptor is passed
/// for them. It does not end with this process unless it asks for that itself (die_with_parent). Thread-safe;
/// not for signal handlers. Errors: unavailable (no such program, too many processes or open files),
/// invalid_argument (a descriptor's number).
[[nodiscard]] Result<ChildProcess> spawn(const SpawnOptions& options);

}  // namespace sightline::process
