#pragma once
// What a service says when there is too much to do.

#include "aws/wire/service_error.h"

namespace sightline::aws::dispatch {

[[nodiscard]] wire::ServiceError overloaded(const wire::Service& service);

}  // namespace sightline::aws::dispatch
