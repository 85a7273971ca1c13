#pragma once
// Temporary keys of a role, for whom its trust policy names.

#include <vector>

#include "aws/dispatch/context.h"
#include "aws/dispatch/permission.h"
#include "aws/sts/model.h"
#include "aws/wire/service_error.h"
#include "cloud/identity/identities.h"

namespace sightline::aws::sts {

/// Errors: AccessDenied for the root, who may assume no role.
[[nodiscard]] wire::Answer<std::vector<dispatch::AccessRequest>> permissions_to_assume(
    const AssumeRoleRequest& request, const dispatch::Context& context);
[[nodiscard]] wire::Answer<AssumeRoleResponse> assume_role(const AssumeRoleRequest& request,
                                                           const dispatch::Context& context,
                                                           identity::Identities& identities);

}  // namespace sightline::aws::sts
