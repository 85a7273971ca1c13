#pragma once
// What a caller did wrong, apart from what may fail here.

#include <expected>
#include <string>
#include <utility>

#include "base/result.h"

namespace sightline::jobs {

enum class Problem {
  internal,      ///< error.kind says what: no_space, io, corrupt, ...
  no_such_clip,  ///< or the caller may not read it
  clip_too_large,
  too_many_jobs,
  token_reused,  ///< with another request
  no_such_job,
  bad_page_token,
};

/// An Error, with what it is about.
struct Failure {
  Failure(Problem about, std::string message)
      : problem(about), error{ErrorKind::invalid_argument, std::move(message)} {}
  Failure(Error of_store) : problem(Problem::internal), error(std::move(of_store)) {}  // NOLINT: from TRY
  Problem problem;
  Error error;
};

template <typename T>
using Answer = std::expected<T, Failure>;

[[nodiscard]] inline std::unexpected<Failure> refuse(Problem problem, std::string message) {
  return std::unexpected(Failure(problem, std::move(message)));
}

}  // namespace sightline::jobs
