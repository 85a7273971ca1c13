#pragma once
// ARNs of what requests name, for what callers must be allowed.

#include <string>

#include "aws/dispatch/context.h"
#include "aws/wire/service_error.h"
#include "cloud/identity/identities.h"

namespace sightline::aws::iam {

/// With its path; of what is not there, as if it had none.
[[nodiscard]] wire::Answer<std::string> arn_of(const identity::EntityRef& ref,
                                               const dispatch::Context& context,
                                               identity::Identities& identities);

}  // namespace sightline::aws::iam
