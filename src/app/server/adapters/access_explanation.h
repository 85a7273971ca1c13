#pragma once
// Why somebody may do something or not, for `sightline explain`.

#include "aws/admin/operations.h"
#include "aws/dispatch/permission.h"
#include "cloud/identity/identities.h"
#include "cloud/identity/policy_book.h"

namespace sightline::server {

/// Whether `context.caller` may do it. Of another account's resource it says no more than whether its policy
/// lets them in: what stands in that is for its account to know.
[[nodiscard]] aws::admin::AccessExplanation explain_access(const aws::dispatch::AccessRequest& access,
                                                           const aws::dispatch::Context& context,
                                                           const identity::PolicyBook& book,
                                                           const aws::dispatch::ResourcePolicies& policies);

/// Whether `principal` of the caller's account may do it; where it is empty, the caller. Errors: not_found,
/// invalid_argument, those of the disk.
[[nodiscard]] Result<aws::admin::AccessExplanation> explain_access_of(
    const std::string& principal, const aws::dispatch::AccessRequest& access,
    const aws::dispatch::Context& context, identity::Identities& identities,
    const aws::dispatch::ResourcePolicies& policies);

}  // namespace sightline::server
