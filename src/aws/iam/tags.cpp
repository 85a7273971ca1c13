// Tags of users, roles and policies; and what callers must be allowed who give them.

#include "aws/iam/answers.h"
#include "aws/iam/registration.h"
#include "aws/iam/resources.h"

namespace sightline::aws::iam {
namespace {

using dispatch::AccessRequest;
using dispatch::Context;
using identity::Identities;

template <typename Op>
std::unexpected<wire::ServiceError> failure_of(const identity::Failure& failure) {
  if constexpr (requires(Op::Request& request) { request.policy_arn; })
    return failure_of_policy(failure);
  else
    return iam::failure(failure);
}

template <typename Op>
wire::Answer<wire::Empty> put_tags(const typename Op::Request& request, const Context& context,
                                   Identities& identities) {
  const std::vector<identity::Tag> tags = tags_from(request.tags);
  const auto put = [&] {
    if constexpr (requires { request.policy_arn; })
      return identities.customer_policies().put_tags(context.caller.account, *request.policy_arn, tags);
    else
      return identities.tags().put(context.caller.account, entity_of(request), tags);
  }();
  if (!put) return failure_of<Op>(put.error());
  return wire::Empty{};
}

template <typename Op>
wire::Answer<wire::Empty> remove_tags(const typename Op::Request& request, const Context& context,
                                      Identities& identities) {
  const auto removed = [&] {
    if constexpr (requires { request.policy_arn; })
      return identities.customer_policies().remove_tags(context.caller.account, *request.policy_arn,
                                                        *request.tag_keys);
    else
      return identities.tags().remove(context.caller.account, entity_of(request), *request.tag_keys);
  }();
  if (!removed) return failure_of<Op>(removed.error());
  return wire::Empty{};
}

template <typename Op>
wire::Answer<typename Op::Response> list_tags(const typename Op::Request& request, const Context& context,
                                              Identities& identities) {
  std::vector<identity::Tag> all;
  if constexpr (requires { request.policy_arn; }) {
    auto policy = identities.customer_policies().get(context.caller.account, *request.policy_arn);
    if (!policy) return failure_of<Op>(policy.error());
    all = std::move(policy->tags);
  } else {
    auto tags = identities.tags().list(context.caller.account, entity_of(request));
    if (!tags) return failure(tags.error());
    all = std::move(*tags);
  }
  typename Op::Response response;
  auto& tags = response.tags.emplace();
  TRY(fill_page(
      request, response, all,
      [](const identity::Tag& tag) {
        if constexpr (requires { request.policy_arn; })
          return tag.key;
        else
          return to_lower(tag.key);
      },
      [&](const identity::Tag& tag) { tags.push_back({tag.key, tag.value}); }));
  return response;
}

/// Tags that a request gives, as conditions of policies see them.
void add_conditions(const std::optional<std::vector<Tag>>& tags, AccessRequest& access) {
  if (!tags) return;
  for (const Tag& tag : *tags) {
    access.conditions.emplace_back("aws:TagKeys", *tag.key);
    access.conditions.emplace_back("aws:RequestTag/" + *tag.key, *tag.value);
  }
}

template <typename Op>
void add_permission(dispatch::Operations& operations, Identities& identities, std::string action) {
  operations.permissions<Op>([&identities, action = std::move(action)](
                                 const typename Op::Request& request,
                                 const Context& context) -> wire::Answer<std::vector<AccessRequest>> {
    AccessRequest access{action, {}};
    if constexpr (requires { request.policy_arn; }) {
      static_cast<void>(identities);
      access.resource = *request.policy_arn;
    } else {
      access.resource = TRY(arn_of(entity_of(request), context, identities));
    }
    if constexpr (requires { request.tags; })
      add_conditions(request.tags, access);
    else
      for (const std::string& key : *request.tag_keys) access.conditions.emplace_back("aws:TagKeys", key);
    return std::vector{access};
  });
}

/// What is made with tags needs the permission to tag it too.
template <typename Op>
void add_permission_to_make(dispatch::Operations& operations, std::string_view kind,
                            std::optional<std::string> Op::Request::* name, std::string action,
                            std::string tagging) {
  operations.permissions<Op>([kind, name, action = std::move(action), tagging = std::move(tagging)](
                                 const typename Op::Request& request,
                                 const Context& context) -> wire::Answer<std::vector<AccessRequest>> {
    AccessRequest access{action, "arn:aws:iam::" + context.caller.account + ":" + std::string(kind) +
                                     request.path.value_or("/") + *(request.*name)};
    add_conditions(request.tags, access);
    std::vector needed{access};
    if (request.tags && !request.tags->empty()) {
      needed.push_back(access);
      needed.back().action = tagging;
    }
    return needed;
  });
}

}  // namespace

void add_tags(dispatch::Operations& operations, const Dependencies& dependencies) {
  add<TagUser>(operations, dependencies, put_tags<TagUser>);
  add<TagRole>(operations, dependencies, put_tags<TagRole>);
  add<TagPolicy>(operations, dependencies, put_tags<TagPolicy>);
  add<UntagUser>(operations, dependencies, remove_tags<UntagUser>);
  add<UntagRole>(operations, dependencies, remove_tags<UntagRole>);
  add<UntagPolicy>(operations, dependencies, remove_tags<UntagPolicy>);
  add<ListUserTags>(operations, dependencies, list_tags<ListUserTags>);
  add<ListRoleTags>(operations, dependencies, list_tags<ListRoleTags>);
  add<ListPolicyTags>(operations, dependencies, list_tags<ListPolicyTags>);
  Identities& identities = dependencies.identities;
  add_permission<TagUser>(operations, identities, "iam:TagUser");
  add_permission<TagRole>(operations, identities, "iam:TagRole");
  add_permission<TagPolicy>(operations, identities, "iam:TagPolicy");
  add_permission<UntagUser>(operations, identities, "iam:UntagUser");
  add_permission<UntagRole>(operations, identities, "iam:UntagRole");
  add_permission<UntagPolicy>(operations, identities, "iam:UntagPolicy");
  add_permission_to_make<CreateUser>(operations, "user", &CreateUserRequest::user_name, "iam:CreateUser",
                                     "iam:TagUser");
  add_permission_to_make<CreateRole>(operations, "role", &CreateRoleRequest::role_name, "iam:CreateRole",
                                     "iam:TagRole");
  add_permission_to_make<CreatePolicy>(operations, "policy", &CreatePolicyRequest::policy_name,
                                       "iam:CreatePolicy", "iam:TagPolicy");
}

}  // namespace sightline::aws::iam
