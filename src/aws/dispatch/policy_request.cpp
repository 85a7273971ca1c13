#include "aws/dispatch/policy_request.h"

#include "cloud/identity/role_session.h"

namespace sightline::aws::dispatch {
namespace {

constexpr std::string_view kBucketPrefix = "arn:aws:s3:::";
constexpr std::string_view kMakeBucket = "s3:CreateBucket";

/// Of what a client says of itself, policies see so much: a request's headers have room for far more.
constexpr std::size_t kLongestHeader = 2048;

/// The n-th part of an ARN, counted from 0: arn, partition, service, region, account.
std::string_view arn_part(std::string_view arn, int index) {
  for (; index > 0; --index) {
    const auto colon = arn.find(':');
    if (colon == std::string_view::npos) return {};
    arn.remove_prefix(colon + 1);
  }
  return arn.substr(0, arn.find(':'));
}

policy::CallerKind kind_of(const identity::Principal& caller) {
  switch (caller.kind) {
    case identity::PrincipalKind::root:
      return policy::CallerKind::root;
    case identity::PrincipalKind::user:
      return policy::CallerKind::user;
    case identity::PrincipalKind::session:
      // Temporary keys of the root or of a user act as who asked for them.
      return caller.name.empty() ? policy::CallerKind::root : policy::CallerKind::user;
    case identity::PrincipalKind::role_session:
      return policy::CallerKind::session;
    case identity::PrincipalKind::service:
      return policy::CallerKind::service;
    case identity::PrincipalKind::anonymous:
      break;
  }
  return policy::CallerKind::anonymous;
}

/// The anonymous are of no account, wherever the call comes from.
std::string_view account_of(const identity::Principal& caller) {
  return caller.kind == identity::PrincipalKind::anonymous ? std::string_view() : caller.account;
}

}  // namespace

policy::Caller policy_caller(const identity::Principal& caller) {
  policy::Caller out;
  out.kind = kind_of(caller);
  out.account = account_of(caller);
  out.arn = caller.arn;
  out.id = caller.id;
  if (out.kind == policy::CallerKind::user) out.name = caller.name;
  if (out.kind == policy::CallerKind::service) out.service = caller.name;
  if (caller.role) {
    out.source_arn = caller.role->role_arn;
    out.source_id = caller.role->role_id;
  }
  // S3 shows the account as the owner of its objects, so that is the canonical user.
  out.canonical_user = account_of(caller);
  return out;
}

policy::Request policy_request(const AccessRequest& access, const Context& context, std::string_view owner,
                               policy::Keys& keys) {
  policy::Request request;
  request.caller = policy_caller(context.caller);
  request.action = access.action;
  request.resource = access.resource;
  request.resource_account = owner;
  policy::RequestContext around;
  around.now = context.now;
  around.source_ip = context.source_ip;
  around.user_agent = std::string_view(context.user_agent).substr(0, kLongestHeader);
  around.region = context.region;
  around.resource_account = owner;
  around.secure = context.secure;
  around.token_issued = context.caller.issued;
  policy::add_global_keys(request.caller, around, keys);
  if (!context.referer.empty()) keys.set("aws:referer", context.referer.substr(0, kLongestHeader));
  for (const auto& [name, value] : access.conditions) keys.add(name, value);
  request.keys = &keys;
  return request;
}

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
  return policies.find(access.resource, account_of(context.caller));
}

std::string owner_of(const AccessRequest& access, const std::optional<ResourcePolicy>& found,
                     const identity::Principal& caller) {
  if (found) return found->owner;
  if (access.resource == "*") return caller.account;
  const std::string_view named = arn_part(access.resource, 4);
  // Buckets' ARNs name no account, and AWS's own managed policies are everybody's to use.
  const bool callers = (named.empty() && service_of(access.resource) == "s3") ||
                       (named == "aws" && service_of(access.resource) == "iam");
  return callers ? caller.account : std::string(named);
}

bool is_absent_bucket(const AccessRequest& access, const std::optional<ResourcePolicy>& found) {
  return !found && access.action.starts_with("s3:") && access.action != kMakeBucket &&
         !bucket_of(access.resource).empty();
}

}  // namespace sightline::aws::dispatch
