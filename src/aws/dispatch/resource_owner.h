#pragma once
// Whose a resource is, and what hangs on it.

#include <optional>
#include <string>
#include <string_view>

#include "aws/dispatch/context.h"
#include "aws/dispatch/permission.h"

namespace sightline::aws::dispatch {

/// "s3" of "arn:aws:s3:::pictures"; empty of what is no ARN.
[[nodiscard]] std::string_view service_of(std::string_view arn);
/// "pictures" of "arn:aws:s3:::pictures/cat.jpg"; empty of what is no bucket, nor in one.
[[nodiscard]] std::string_view bucket_of(std::string_view arn);

/// What hangs on the resource. Of a bucket that is to be made nothing, whosever has its name: whether it may
/// be made is for the caller's account to say.
[[nodiscard]] std::optional<ResourcePolicy> resource_policy(const ResourcePolicies& policies,
                                                            const AccessRequest& access,
                                                            const Context& context);

/// Whose `resource` is, an account: of what nobody owns the caller's, of what names no owner nobody's.
[[nodiscard]] std::string owner_of(std::string_view resource, const std::optional<ResourcePolicy>& policy,
                                   const Context& context);

/// Whether something is asked of a bucket that is not there, other than to make it. It is refused, whatever
/// policies say: between this look at the bucket and its use someone else may make it.
[[nodiscard]] bool is_absent_bucket(const AccessRequest& access, const std::optional<ResourcePolicy>& found);

}  // namespace sightline::aws::dispatch
