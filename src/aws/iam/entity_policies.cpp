// Policies of users, groups and roles: the same operations three times over.

#include <fmt/format.h>

#include "aws/iam/answers.h"
#include "aws/iam/registration.h"
#include "cloud/policy/pattern.h"

namespace sightline::aws::iam {
namespace {

using dispatch::Context;
using identity::Identities;

template <typename Op>
wire::Answer<wire::Empty> put_policy(const typename Op::Request& request, const Context& context,
                                     Identities& identities) {
  const auto put = identities.entity_policies().put(context.caller.account, entity_of(request),
                                                    *request.policy_name, *request.policy_document);
  if (!put) return failure(put.error());
  return wire::Empty{};
}

template <typename Op>
wire::Answer<typename Op::Response> get_policy(const typename Op::Request& request, const Context& context,
                                               Identities& identities) {
  const auto policy =
      identities.entity_policies().get(context.caller.account, entity_of(request), *request.policy_name);
  if (!policy) return failure(policy.error());
  typename Op::Response response;
  if constexpr (requires { response.role_name; }) {
    response.role_name = policy->entity;
  } else if constexpr (requires { response.group_name; }) {
    response.group_name = policy->entity;
  } else {
    response.user_name = policy->entity;
  }
  response.policy_name = policy->name;
  response.policy_document = encoded_document(policy->document);
  return response;
}

template <typename Op>
wire::Answer<typename Op::Response> list_policies(const typename Op::Request& request, const Context& context,
                                                  Identities& identities) {
  const auto all = identities.entity_policies().list(context.caller.account, entity_of(request));
  if (!all) return failure(all.error());
  typename Op::Response response;
  auto& names = response.policy_names.emplace();
  TRY(fill_page(
      request, response, *all, [](const identity::InlinePolicy& policy) { return policy.name; },
      [&](const identity::InlinePolicy& policy) { names.push_back(policy.name); }));
  return response;
}

template <typename Op>
wire::Answer<wire::Empty> delete_policy(const typename Op::Request& request, const Context& context,
                                        Identities& identities) {
  const auto deleted =
      identities.entity_policies().remove(context.caller.account, entity_of(request), *request.policy_name);
  if (!deleted) return failure(deleted.error());
  return wire::Empty{};
}

template <typename Op>
wire::Answer<wire::Empty> attach_policy(const typename Op::Request& request, const Context& context,
                                        Identities& identities) {
  if (!policy::split_arn(*request.policy_arn))
    return std::unexpected(
        wire::validation_error(kService, fmt::format("ARN {} is not valid.", *request.policy_arn)));
  const auto attached =
      identities.entity_policies().attach(context.caller.account, entity_of(request), *request.policy_arn);
  if (!attached) return failure(attached.error());
  return wire::Empty{};
}

template <typename Op>
wire::Answer<wire::Empty> detach_policy(const typename Op::Request& request, const Context& context,
                                        Identities& identities) {
  const auto detached =
      identities.entity_policies().detach(context.caller.account, entity_of(request), *request.policy_arn);
  if (!detached) return failure(detached.error());
  return wire::Empty{};
}

/// The path that an ARN of a policy ends with, without its name: "/service-role/".
std::string_view path_of(std::string_view arn) {
  const auto begin = std::min(arn.find('/'), arn.size());
  return arn.substr(begin, arn.rfind('/') + 1 - begin);
}

template <typename Op>
wire::Answer<typename Op::Response> list_attached(const typename Op::Request& request, const Context& context,
                                                  Identities& identities) {
  auto all = identities.entity_policies().attached(context.caller.account, entity_of(request));
  if (!all) return failure(all.error());
  if (request.path_prefix)
    std::erase_if(*all,
                  [&](const std::string& arn) { return !path_of(arn).starts_with(*request.path_prefix); });
  typename Op::Response response;
  auto& attached = response.attached_policies.emplace();
  TRY(fill_page(
      request, response, *all, [](const std::string& arn) { return arn; },
      [&](const std::string& arn) { attached.push_back({arn.substr(arn.rfind('/') + 1), arn}); }));
  return response;
}

}  // namespace

void add_entity_policies(dispatch::Operations& operations, const Dependencies& dependencies) {
  add<PutUserPolicy>(operations, dependencies, put_policy<PutUserPolicy>);
  add<PutGroupPolicy>(operations, dependencies, put_policy<PutGroupPolicy>);
  add<PutRolePolicy>(operations, dependencies, put_policy<PutRolePolicy>);
  add<GetUserPolicy>(operations, dependencies, get_policy<GetUserPolicy>);
  add<GetGroupPolicy>(operations, dependencies, get_policy<GetGroupPolicy>);
  add<GetRolePolicy>(operations, dependencies, get_policy<GetRolePolicy>);
  add<ListUserPolicies>(operations, dependencies, list_policies<ListUserPolicies>);
  add<ListGroupPolicies>(operations, dependencies, list_policies<ListGroupPolicies>);
  add<ListRolePolicies>(operations, dependencies, list_policies<ListRolePolicies>);
  add<DeleteUserPolicy>(operations, dependencies, delete_policy<DeleteUserPolicy>);
  add<DeleteGroupPolicy>(operations, dependencies, delete_policy<DeleteGroupPolicy>);
  add<DeleteRolePolicy>(operations, dependencies, delete_policy<DeleteRolePolicy>);
  add<AttachUserPolicy>(operations, dependencies, attach_policy<AttachUserPolicy>);
  add<AttachGroupPolicy>(operations, dependencies, attach_policy<AttachGroupPolicy>);
  add<AttachRolePolicy>(operations, dependencies, attach_policy<AttachRolePolicy>);
  add<DetachUserPolicy>(operations, dependencies, detach_policy<DetachUserPolicy>);
  add<DetachGroupPolicy>(operations, dependencies, detach_policy<DetachGroupPolicy>);
  add<DetachRolePolicy>(operations, dependencies, detach_policy<DetachRolePolicy>);
  add<ListAttachedUserPolicies>(operations, dependencies, list_attached<ListAttachedUserPolicies>);
  add<ListAttachedGroupPolicies>(operations, dependencies, list_attached<ListAttachedGroupPolicies>);
  add<ListAttachedRolePolicies>(operations, dependencies, list_attached<ListAttachedRolePolicies>);
}

}  // namespace sightline::aws::iam
