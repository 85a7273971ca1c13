#pragma once
// Errors that a module's callers must distinguish: an Error with the module's own kind of problem.
//
//   enum class Problem { internal, no_such_job, ... };   // the first is what the floors below report
//   using Failure = FailureOf<Problem>;
//   template <typename T> using Answer = std::expected<T, Failure>;

#include <expected>
#include <string>
#include <utility>

#include "base/result.h"

namespace sightline {

template <typename Problem>
struct FailureOf {
  FailureOf(Problem about, std::string message)
      : problem(about), error{ErrorKind::invalid_argument, std::move(message)} {}
  /// error.kind says what: no_space, io, corrupt, ...
  FailureOf(Error from_below) : problem(Problem{}), error(std::move(from_below)) {}  // NOLINT: from TRY

  Problem problem;
  Error error;
};

template <typename Problem>
[[nodiscard]] std::unexpected<FailureOf<Problem>> refuse(Problem problem, std::string message) {
  return std::unexpected(FailureOf<Problem>(problem, std::move(message)));
}

}  // namespace sightline
