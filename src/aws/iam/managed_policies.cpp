// Managed policies: those of the account with their versions, and AWS's own to look at.

#include "aws/iam/answers.h"
#include "aws/iam/registration.h"

namespace sightline::aws::iam {
namespace {

using dispatch::Context;
using identity::Identities;

Policy policy_answer(const identity::Policy& policy) {
  Policy answer;
  answer.policy_name = policy.name;
  answer.policy_id = policy.id;
  answer.arn = policy.arn;
  answer.path = policy.path;
  answer.default_version_id = policy.default_version;
  answer.attachment_count = static_cast<std::int32_t>(policy.attachments);
  answer.permissions_boundary_usage_count = 0;
  answer.is_attachable = true;
  answer.create_date = policy.created;
  answer.update_date = policy.updated;
  return answer;
}

PolicyVersion version_answer(const identity::PolicyVersion& version) {
  PolicyVersion answer;
  answer.version_id = version.id;
  answer.is_default_version = version.is_default;
  answer.create_date = version.created;
  return answer;
}

wire::Answer<CreatePolicyResponse> create_managed(const CreatePolicyRequest& request, const Context& context,
                                                  Identities& identities) {
  identity::NewPolicy policy;
  policy.name = *request.policy_name;
  if (request.path) policy.path = *request.path;
  policy.document = *request.policy_document;
  if (request.description) policy.description = *request.description;
  policy.tags = tags_from(request.tags);
  const auto made = identities.customer_policies().create(context.caller.account, policy);
  if (!made) return failure(made.error());
  Policy answer = policy_answer(*made);
  answer.tags = tags_of(made->tags);
  return CreatePolicyResponse{std::move(answer)};
}

wire::Answer<GetPolicyResponse> get_managed(const GetPolicyRequest& request, const Context& context,
                                            Identities& identities) {
  const auto policy = identities.customer_policies().get(context.caller.account, *request.policy_arn);
  if (!policy) return failure_of_policy(policy.error());
  Policy answer = policy_answer(*policy);
  if (!policy->description.empty()) answer.description = policy->description;
  answer.tags = tags_of(policy->tags).value_or(std::vector<Tag>());
  return GetPolicyResponse{std::move(answer)};
}

/// A list first of the account's own, then of AWS's: a marker says of which, and where in it.
wire::Answer<ListPoliciesResponse> list_managed(const ListPoliciesRequest& request, const Context& context,
                                                Identities& identities) {
  const std::string& account = context.caller.account;
  const std::string scope = request.scope.value_or("All");
  const std::string_view prefix = request.path_prefix ? std::string_view(*request.path_prefix) : "";
  const std::size_t limit = request.max_items ? static_cast<std::size_t>(*request.max_items) : kDefaultPage;
  std::string marker = request.marker ? TRY(position_of(*request.marker)) : std::string("L");
  ListPoliciesResponse response;
  auto& policies = response.policies.emplace();
  const auto add = [&](const identity::Policy& policy) {
    if (request.policy_usage_filter.value_or("") == "PermissionsBoundary") return;
    if (!request.only_attached.value_or(false) || policy.attachments > 0)
      policies.push_back(policy_answer(policy));
  };
  std::optional<std::string> next;
  if (marker.starts_with('L')) {
    if (scope != "AWS") {
      const auto page = identities.customer_policies().list(
          account, {.path_prefix = prefix, .after = std::string_view(marker).substr(1), .limit = limit});
      if (!page) return failure(page.error());
      for (const identity::Policy& policy : page->items) add(policy);
      if (page->next) next = "L" + *page->next;
    }
    marker = "A";
  }
  if (!next && scope != "Local") {
    const auto of_aws = identities.customer_policies().list_of_aws(account);
    if (!of_aws) return failure(of_aws.error());
    for (const identity::Policy& policy : *of_aws) {
      if (policy.name <= marker.substr(1) || !policy.path.starts_with(prefix)) continue;
      if (policies.size() >= limit) {
        next = marker;
        break;
      }
      add(policy);
      marker = "A" + policy.name;
    }
  }
  end_page(response, next);
  return response;
}

wire::Answer<wire::Empty> delete_managed(const DeletePolicyRequest& request, const Context& context,
                                         Identities& identities) {
  const auto deleted = identities.customer_policies().remove(context.caller.account, *request.policy_arn);
  if (!deleted) return failure(deleted.error());
  return wire::Empty{};
}

wire::Answer<CreatePolicyVersionResponse> create_version(const CreatePolicyVersionRequest& request,
                                                         const Context& context, Identities& identities) {
  const auto made = identities.customer_policies().add_version(context.caller.account, *request.policy_arn,
                                                               *request.policy_document,
                                                               request.set_as_default.value_or(false));
  if (!made) return failure(made.error());
  return CreatePolicyVersionResponse{version_answer(*made)};
}

wire::Answer<GetPolicyVersionResponse> get_version(const GetPolicyVersionRequest& request,
                                                   const Context& context, Identities& identities) {
  const auto version = identities.customer_policies().version(context.caller.account, *request.policy_arn,
                                                              *request.version_id);
  if (!version) return failure(version.error());
  PolicyVersion answer = version_answer(*version);
  answer.document = encoded_document(version->document);
  return GetPolicyVersionResponse{std::move(answer)};
}

wire::Answer<ListPolicyVersionsResponse> list_versions(const ListPolicyVersionsRequest& request,
                                                       const Context& context, Identities& identities) {
  const auto all = identities.customer_policies().versions(context.caller.account, *request.policy_arn);
  if (!all) return failure(all.error());
  ListPolicyVersionsResponse response;
  auto& versions = response.versions.emplace();
  // The newest first: their places, since markers go on from a larger one.
  std::vector<std::size_t> places(all->size());
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = i;
  TRY(fill_page(
      request, response, places, [](std::size_t place) { return std::to_string(place); },
      [&](std::size_t place) { versions.push_back(version_answer((*all)[place])); }));
  return response;
}

wire::Answer<wire::Empty> set_default_version(const SetDefaultPolicyVersionRequest& request,
                                              const Context& context, Identities& identities) {
  const auto set = identities.customer_policies().set_default(context.caller.account, *request.policy_arn,
                                                              *request.version_id);
  if (!set) return failure(set.error());
  return wire::Empty{};
}

wire::Answer<wire::Empty> delete_version(const DeletePolicyVersionRequest& request, const Context& context,
                                         Identities& identities) {
  const auto deleted = identities.customer_policies().remove_version(
      context.caller.account, *request.policy_arn, *request.version_id);
  if (!deleted) return failure(deleted.error());
  return wire::Empty{};
}

/// First all users, then groups, then roles: a marker says of which, and where in them.
wire::Answer<ListEntitiesForPolicyResponse> list_entities(const ListEntitiesForPolicyRequest& request,
                                                          const Context& context, Identities& identities) {
  const auto all = identities.entity_policies().attached_to(context.caller.account, *request.policy_arn);
  if (!all) return failure(all.error());
  ListEntitiesForPolicyResponse response;
  auto& users = response.policy_users.emplace();
  auto& groups = response.policy_groups.emplace();
  auto& roles = response.policy_roles.emplace();
  const bool none = request.policy_usage_filter.value_or("") == "PermissionsBoundary";
  const std::string filter = request.entity_filter.value_or("");
  const std::string prefix = request.path_prefix.value_or("/");
  std::vector<const identity::Entity*> asked;
  const auto ask = [&](std::string_view kind, const std::vector<identity::Entity>& entities) {
    if (none || (!filter.empty() && filter != kind)) return;
    for (const identity::Entity& entity : entities)
      if (entity.path.starts_with(prefix)) asked.push_back(&entity);
  };
  ask("User", all->users);
  ask("Group", all->groups);
  ask("Role", all->roles);
  TRY(fill_page(
      request, response, asked,
      [](const identity::Entity* entity) {
        return std::to_string(static_cast<int>(entity->kind)) + entity->name;
      },
      [&](const identity::Entity* entity) {
        if (entity->kind == identity::EntityKind::user)
          users.push_back({entity->name, entity->id});
        else if (entity->kind == identity::EntityKind::group)
          groups.push_back({entity->name, entity->id});
        else
          roles.push_back({entity->name, entity->id});
      }));
  return response;
}

}  // namespace

void add_managed_policies(dispatch::Operations& operations, const Dependencies& dependencies) {
  add<CreatePolicy>(operations, dependencies, create_managed);
  add<GetPolicy>(operations, dependencies, get_managed);
  add<ListPolicies>(operations, dependencies, list_managed);
  add<DeletePolicy>(operations, dependencies, delete_managed);
  add<CreatePolicyVersion>(operations, dependencies, create_version);
  add<GetPolicyVersion>(operations, dependencies, get_version);
  add<ListPolicyVersions>(operations, dependencies, list_versions);
  add<SetDefaultPolicyVersion>(operations, dependencies, set_default_version);
  add<DeletePolicyVersion>(operations, dependencies, delete_version);
  add<ListEntitiesForPolicy>(operations, dependencies, list_entities);
}

}  // namespace sightline::aws::iam
