#pragma once
// Errors that STS gives without having them in its model.

#include "aws/wire/service_error.h"

namespace sightline::aws::sts {

inline constexpr wire::ErrorType kAccessDenied{"AccessDenied", "AccessDenied", 403, wire::Fault::sender};
inline constexpr wire::ErrorType kThrottling{"Throttling", "Throttling", 400, wire::Fault::sender};

}  // namespace sightline::aws::sts
