#pragma once
// What goes wrong in the tables of identities, in IAM's words.

#include <string_view>

#include "aws/wire/service_error.h"
#include "base/result.h"
#include "cloud/identity/failure.h"

namespace sightline::aws::iam {

/// Anything but what the operation itself answers: a bug or the disk.
[[nodiscard]] std::unexpected<wire::ServiceError> failure(const Error& error);
[[nodiscard]] std::unexpected<wire::ServiceError> failure(const identity::Failure& failure);
/// Of what reads or tags a managed policy: AWS has other words there for one that is missing.
[[nodiscard]] std::unexpected<wire::ServiceError> failure_of_policy(const identity::Failure& failure);
[[nodiscard]] std::unexpected<wire::ServiceError> no_such_user(std::string_view name);
/// This part of the request is not carried out here.
[[nodiscard]] std::unexpected<wire::ServiceError> unsupported_parameter(std::string_view name);

/// Where a page goes on, as a text that means nothing to the caller.
[[nodiscard]] std::string marker_of(std::string_view position);
/// Errors: a marker that no page has given.
[[nodiscard]] wire::Answer<std::string> position_of(std::string_view marker);

}  // namespace sightline::aws::iam
