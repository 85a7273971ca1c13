#pragma once
// What a client can do nothing about, in Rekognition's words.

#include "aws/wire/service_error.h"
#include "base/result.h"

namespace sightline::aws::rekognition {

/// "Internal server error"; the log gets to know why.
[[nodiscard]] std::unexpected<wire::ServiceError> internal_failure(const Error& why);

}  // namespace sightline::aws::rekognition
