#pragma once
// What a caller did wrong, apart from what may fail here.

#include <expected>

#include "base/failure.h"

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

using Failure = FailureOf<Problem>;

template <typename T>
using Answer = std::expected<T, Failure>;

}  // namespace sightline::jobs
