#include "aws/sts/assume_role.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/dispatch/policy_request.h"
#include "aws/sts/sts_error.h"
#include "base/ascii.h"
#include "cloud/identity/role_session.h"

namespace sightline::aws::sts {
namespace {

using dispatch::AccessRequest;
using dispatch::Context;
using identity::RoleSession;

/// The session of the caller, where it is one of a role.
const RoleSession* session_of(const Context& context) {
  return context.caller.kind == identity::PrincipalKind::role_session ? context.caller.role.get() : nullptr;
}

/// Once set, it goes on to every role that is assumed from there.
std::string source_identity_of(const AssumeRoleRequest& request, const Context& context) {
  if (const RoleSession* session = session_of(context); session && !session->source_identity.empty())
    return session->source_identity;
  return request.source_identity.value_or("");
}

/// Tags of the request, and of the caller's session those that go on.
wire::Answer<void> add_tags(const AssumeRoleRequest& request, const Context& context, RoleSession& session) {
  if (request.transitive_tag_keys) session.transitive_keys = *request.transitive_tag_keys;
  if (request.tags)
    for (const Tag& tag : *request.tags) session.tags.push_back({*tag.key, *tag.value});
  const RoleSession* from = session_of(context);
  if (from == nullptr) return {};
  for (const identity::Tag& tag : from->tags) {
    if (std::ranges::count(from->transitive_keys, tag.key) == 0) continue;
    const bool again = std::ranges::any_of(
        session.tags, [&](const identity::Tag& own) { return equals_ignoring_case(own.key, tag.key); });
    if (again)
      return wire::refuse({"InvalidParameterValue", "InvalidParameterValue", 400, wire::Fault::sender},
                          fmt::format("One of the specified transitive tag keys can't be set because it "
                                      "conflicts with a transitive tag key from the calling session: {}",
                                      tag.key));
    session.tags.push_back(tag);
    session.transitive_keys.push_back(tag.key);
  }
  return {};
}

/// How much of what may be handed over with a session is taken, in percent.
std::int32_t packed_size(const RoleSession& session) {
  std::size_t size = session.policy ? session.policy->text().size() : 0;
  for (const std::string& arn : session.policy_arns) size += arn.size();
  for (const identity::Tag& tag : session.tags) size += tag.key.size() + tag.value.size();
  constexpr std::size_t kRoom = 8'192;
  return static_cast<std::int32_t>((size * 100 + kRoom - 1) / kRoom);
}

wire::Answer<void> add_policies(const AssumeRoleRequest& request, const identity::PolicyBook& book,
                                std::string_view account, RoleSession& session) {
  std::size_t size = 0;
  if (request.policy_arns)
    for (const PolicyDescriptorType& policy : *request.policy_arns)
      if (policy.arn) session.policy_arns.push_back(*policy.arn);
  for (const std::string& arn : session.policy_arns) {
    size += arn.size();
    if (!book.has_managed(account, arn))
      return std::unexpected(wire::validation_error(
          kService, fmt::format("Policy {} does not exist or is not attachable.", arn)));
  }
  if (request.policy) {
    auto document = policy::Document::parse(*request.policy, policy::DocumentKind::session,
                                            static_cast<std::size_t>(identity::kMaxSessionPolicySize));
    if (!document && document.error().problem == policy::Problem::malformed)
      return wire::refuse(kMalformedPolicyDocumentException, document.error().error.message);
    size += request.policy->size();
    if (document) session.policy = *std::move(document);
  }
  const bool too_many = session.policy_arns.size() > identity::kMaxSessionPolicyArns;
  if (too_many || size > static_cast<std::size_t>(identity::kMaxSessionPolicySize))
    return wire::refuse(
        kPackedPolicyTooLargeException,
        fmt::format("Packed size of session policies and tags consumes {}% of the allotted space.",
                    std::max<std::size_t>(101, size * 100 / identity::kMaxSessionPolicySize)));
  return {};
}

wire::Answer<std::chrono::seconds> length_of(const AssumeRoleRequest& request, const Context& context,
                                             const identity::Role& role) {
  const std::chrono::seconds usual = identity::kUsualRoleSession;
  const std::chrono::seconds length =
      request.duration_seconds ? std::chrono::seconds(*request.duration_seconds) : usual;
  if (session_of(context) != nullptr && length > identity::kLongestChainedSession)
    return std::unexpected(wire::validation_error(
        kService,
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role "
        "chaining."));
  if (length > role.longest_session)
    return std::unexpected(wire::validation_error(
        kService, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."));
  return length;
}

std::unexpected<wire::ServiceError> not_authorized(const AssumeRoleRequest& request, const Context& context) {
  return wire::refuse(kAccessDenied,
                      fmt::format("User: {} is not authorized to perform: sts:AssumeRole on resource: {}",
                                  context.caller.arn, *request.role_arn));
}

std::unexpected<wire::ServiceError> failure(const identity::Failure& failure,
                                            const AssumeRoleRequest& request, const Context& context) {
  switch (failure.problem) {
    case identity::Problem::no_such_entity:
    case identity::Problem::role_ended:
      return not_authorized(request, context);
    case identity::Problem::over_limit:
      if (failure.facts.quota == identity::Quota::sessions) return wire::refuse(kThrottling, "Rate exceeded");
      return std::unexpected(wire::validation_error(kService, "A session has 50 tags at most."));
    case identity::Problem::invalid:
      return std::unexpected(wire::validation_error(
          kService, "Duplicate tag keys found. Please note that Tag keys are case insensitive."));
    default:
      return std::unexpected(wire::internal_error(kService, failure.error.message));
  }
}

}  // namespace

wire::Answer<std::vector<AccessRequest>> permissions_to_assume(const AssumeRoleRequest& request,
                                                               const Context& context) {
  if (dispatch::policy_caller(context.caller).kind == policy::CallerKind::root)
    return wire::refuse(kAccessDenied, "Roles may not be assumed by root accounts.");
  AccessRequest access{"sts:AssumeRole", *request.role_arn};
  const auto add = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) access.conditions.emplace_back(key, value);
  };
  add("sts:RoleSessionName", *request.role_session_name);
  add("sts:ExternalId", request.external_id.value_or(""));
  const std::string source_identity = source_identity_of(request, context);
  add("sts:SourceIdentity", source_identity);
  if (request.tags) {
    for (const Tag& tag : *request.tags) {
      access.conditions.emplace_back("aws:TagKeys", *tag.key);
      access.conditions.emplace_back("aws:RequestTag/" + *tag.key, *tag.value);
    }
  }
  if (request.transitive_tag_keys)
    for (const std::string& key : *request.transitive_tag_keys) add("sts:TransitiveTagKeys", key);
  std::vector needed{access};
  if (request.tags && !request.tags->empty()) {
    access.action = "sts:TagSession";
    needed.push_back(access);
  }
  if (!source_identity.empty()) {
    access.action = "sts:SetSourceIdentity";
    needed.push_back(access);
  }
  return needed;
}

wire::Answer<AssumeRoleResponse> assume_role(const AssumeRoleRequest& request, const Context& context,
                                             identity::Identities& identities) {
  if (request.serial_number || request.token_code)
    return wire::refuse(kAccessDenied, "MultiFactorAuthentication failed: there are no MFA devices here.");
  if (request.provided_contexts && !request.provided_contexts->empty())
    return std::unexpected(wire::validation_error(kService, "ProvidedContexts are not supported here."));
  if (request.minimum_session_token_size.value_or(0) > identity::kSessionTokenSize)
    return std::unexpected(wire::validation_error(
        kService, "MinimumSessionTokenSize is larger than the tokens that are made here."));
  const auto holder = identities.policies().find_by_arn(*request.role_arn);
  if (!holder || !holder->trust) return not_authorized(request, context);
  const std::string_view name = std::string_view(*request.role_arn).substr(request.role_arn->rfind('/') + 1);
  const auto role = identities.roles().get(holder->account, name);
  if (!role) return failure(role.error(), request, context);
  identity::NewRoleSession wanted;
  wanted.role_name = role->entity.name;
  wanted.role_id = holder->id;
  wanted.length = TRY(length_of(request, context, *role));
  wanted.session.role_id = holder->id;
  wanted.session.role_arn = role->entity.arn;
  wanted.session.name = *request.role_session_name;
  wanted.session.source_identity = source_identity_of(request, context);
  TRY(add_tags(request, context, wanted.session));
  TRY(add_policies(request, identities.policies(), holder->account, wanted.session));
  const auto made = identities.create_role_session(holder->account, wanted);
  if (!made) return failure(made.error(), request, context);
  AssumeRoleResponse response;
  auto& credentials = response.credentials.emplace();
  credentials.access_key_id = made->access_key_id;
  credentials.secret_access_key = made->secret;
  credentials.session_token = made->session_token;
  credentials.expiration = made->expires;
  response.assumed_role_user = AssumedRoleUser{made->principal.id, made->principal.arn};
  if (request.policy || request.policy_arns || request.tags)
    response.packed_policy_size = packed_size(wanted.session);
  if (!wanted.session.source_identity.empty()) response.source_identity = wanted.session.source_identity;
  response.session_token_size = identity::kSessionTokenSize;
  return response;
}

}  // namespace sightline::aws::sts
