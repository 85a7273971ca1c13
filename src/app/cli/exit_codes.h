#pragma once
// What the program's exit status means. Listed for users in docs/cli.md and in --help.

#include "base/result.h"

namespace sightline::cli {

enum ExitCode : int {
  kExitOk = 0,
  kExitInternal = 1,       ///< a bug: please report it
  kExitUsage = 2,          ///< wrong flags or values
  kExitSomeFailed = 3,     ///< several inputs: some could not be processed, the others were
  kExitDamagedInput = 4,   ///< the input is cut off or damaged; what can be read was processed
  kExitBadInput = 5,       ///< the input cannot be processed: not media, unsupported, too large
  kExitCannotWrite = 6,    ///< the output exists, or cannot be written there
  kExitMissingPart = 7,    ///< a model, encoder or the like is missing or damaged: `sightline models verify`;
                           ///< or the server's folder or port is in use
  kExitInterrupted = 130,  ///< Ctrl-C or SIGTERM
};

[[nodiscard]] constexpr ExitCode exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_argument:
      return kExitUsage;
    case ErrorKind::not_found:
    case ErrorKind::corrupt:
    case ErrorKind::unsupported:
    case ErrorKind::too_large:
      return kExitBadInput;
    case ErrorKind::already_exists:
    case ErrorKind::permission_denied:
    case ErrorKind::no_space:
    case ErrorKind::io:
      return kExitCannotWrite;
    case ErrorKind::cancelled:
      return kExitInterrupted;
    case ErrorKind::unavailable:
      return kExitMissingPart;
    case ErrorKind::internal:
      return kExitInternal;
  }
  return kExitInternal;
}

}  // namespace sightline::cli
