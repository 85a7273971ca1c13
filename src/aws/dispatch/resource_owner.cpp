#include "aws/dispatch/resource_owner.h"

namespace sightline::aws::dispatch {
namespace {

constexpr std::string_view kBucketPrefix = "arn:aws:s3:::";
constexpr std::string_view kMakeBucket = "s3:CreateBucket";

/// The n-th part of an ARN, counted from 0: arn, partition, service, region, account.
std::string_view arn_part(std::string_view arn, int index) {
  for (; index > 0; --index) {
    const auto colon = arn.find(':');
    if (colon == std::string_view::npos) return {};
    arn.remove_prefix(colon + 1);
  }
  return arn.substr(0, arn.find(':'));
}

}  // namespace

std::string_view service_of(std::string_view arn) {
  return arn_part(arn, 2);
}

std::string_view bucket_of(std::string_view arn) {
  if (!arn.starts_with(kBucketPrefix)) return {};
  arn.remove_prefix(kBucketPrefix.size());
  const std::string_view name = arn.substr(0, arn.find('/'));
  return name == "*" ? std::string_view() : name;
}

std::optional<ResourcePolicy> resource_policy(const ResourcePolicies& policies, const AccessRequest& access,
                                              const Context& context) {
  if (access.action == kMakeBucket) return std::nullopt;
  // Nobody is of no account, wherever the call comes from.
  const bool nobody = context.caller.kind == identity::PrincipalKind::anonymous;
  return policies.find(access.resource, nobody ? std::string_view() : context.caller.account);
}

std::string owner_of(std::string_view resource, const std::optional<ResourcePolicy>& policy,
                     const Context& context) {
  if (policy) return policy->owner;
  if (resource == "*") return context.caller.account;
  const std::string_view owner = arn_part(resource, 4);
  // Buckets' ARNs name no account: one without an owner is that of something which nobody owns yet. AWS's own
  // policies are everybody's to use.
  const bool everybodys =
      (owner.empty() && service_of(resource) == "s3") || (owner == "aws" && service_of(resource) == "iam");
  return everybodys ? context.caller.account : std::string(owner);
}

bool is_absent_bucket(const AccessRequest& access, const std::optional<ResourcePolicy>& found) {
  return !found && !bucket_of(access.resource).empty() && access.action != kMakeBucket;
}

}  // namespace sightline::aws::dispatch
