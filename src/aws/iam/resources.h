#pragma once
// ARNs of what requests name, for what callers must be allowed.

#include <optional>
#include <string>
#include <vector>

#include "aws/dispatch/context.h"
#include "aws/dispatch/permission.h"
#include "aws/wire/service_error.h"
#include "cloud/identity/identities.h"

namespace sightline::aws::iam {

/// With its path; of what is not there, as if it had none.
[[nodiscard]] wire::Answer<std::string> arn_of(const identity::EntityRef& ref,
                                               const dispatch::Context& context,
                                               identity::Identities& identities);

/// A user or group that is to be renamed: both as it is called and as it is to be, since its caller must be
/// allowed to change both.
[[nodiscard]] wire::Answer<std::vector<dispatch::AccessRequest>> permissions_to_rename(
    std::string_view action, const identity::EntityRef& ref, const std::optional<std::string>& new_name,
    const std::optional<std::string>& new_path, const dispatch::Context& context,
    identity::Identities& identities);

}  // namespace sightline::aws::iam
