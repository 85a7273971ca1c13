#pragma once
// What a caller wants to do, as cloud/policy decides it.

#include <optional>
#include <string>
#include <string_view>

#include "aws/dispatch/context.h"
#include "aws/dispatch/permission.h"
#include "cloud/policy/request.h"

namespace sightline::aws::dispatch {

/// Borrows from `caller`.
[[nodiscard]] policy::Caller policy_caller(const identity::Principal& caller);

/// With all condition keys that the request has: those that every request has, and the operation's own. What
/// is returned borrows from all four; `owner` is the resource's account.
[[nodiscard]] policy::Request policy_request(const AccessRequest& access, const Context& context,
                                             std::string_view owner, policy::Keys& keys);

/// "s3" of "arn:aws:s3:::pictures"; empty of what is no ARN.
[[nodiscard]] std::string_view service_of(std::string_view arn);
/// "pictures" of "arn:aws:s3:::pictures/cat.jpg"; empty of what is no bucket, nor in one.
[[nodiscard]] std::string_view bucket_of(std::string_view arn);

/// What hangs on the resource. Of a bucket that is to be made nothing, whoever has one of its name:
/// whether it may be made is for the caller's account to say.
[[nodiscard]] std::optional<ResourcePolicy> resource_policy(const ResourcePolicies& policies,
                                                            const AccessRequest& access,
                                                            const Context& context);

/// Whose a resource is: as its domain says, or as its ARN does. The caller's where there are no resources
/// ("*") and of a bucket that is not there yet. Empty where nothing says it.
[[nodiscard]] std::string owner_of(const AccessRequest& access, const std::optional<ResourcePolicy>& found,
                                   const identity::Principal& caller);

/// Whether something is asked of a bucket that is not there, other than to make it. It is refused, whatever
/// policies say: between this look at the bucket and its use someone else may make it.
[[nodiscard]] bool is_absent_bucket(const AccessRequest& access, const std::optional<ResourcePolicy>& found);

}  // namespace sightline::aws::dispatch
