// Roles of an account.

#include "aws/iam/answers.h"
#include "aws/iam/registration.h"
#include "cloud/policy/validation.h"

namespace sightline::aws::iam {
namespace {

using dispatch::Context;
using identity::Identities;

Role role_answer(const identity::Role& role) {
  Role answer;
  answer.path = role.entity.path;
  answer.role_name = role.entity.name;
  answer.role_id = role.entity.id;
  answer.arn = role.entity.arn;
  answer.create_date = role.entity.created;
  answer.assume_role_policy_document = encoded_document(role.trust);
  if (!role.description.empty()) answer.description = role.description;
  answer.tags = tags_of(role.tags);
  return answer;
}

/// Not what CreateRole and UpdateRoleDescription answer.
Role answer_with_duration(const identity::Role& role) {
  Role answer = role_answer(role);
  answer.max_session_duration = static_cast<std::int32_t>(role.longest_session.count());
  return answer;
}

wire::Answer<CreateRoleResponse> create_role(const CreateRoleRequest& request, const Context& context,
                                             Identities& identities) {
  if (request.permissions_boundary) return unsupported_parameter("PermissionsBoundary");
  identity::NewRole role;
  role.name = *request.role_name;
  if (request.path) role.path = *request.path;
  role.trust = *request.assume_role_policy_document;
  if (request.description) role.description = *request.description;
  if (request.max_session_duration)
    role.longest_session = std::chrono::seconds(*request.max_session_duration);
  role.tags = tags_from(request.tags);
  const auto made = identities.roles().create(context.caller.account, role);
  if (!made) return failure(made.error());
  return CreateRoleResponse{role_answer(*made)};
}

wire::Answer<GetRoleResponse> get_role(const GetRoleRequest& request, const Context& context,
                                       Identities& identities) {
  const auto role = identities.roles().get(context.caller.account, *request.role_name);
  if (!role) return failure(role.error());
  Role answer = answer_with_duration(*role);
  answer.role_last_used.emplace();
  return GetRoleResponse{std::move(answer)};
}

wire::Answer<ListRolesResponse> list_roles(const ListRolesRequest& request, const Context& context,
                                           Identities& identities) {
  std::string after;
  const auto page = identities.roles().list(context.caller.account, TRY(query_of(request, after)));
  if (!page) return failure(page.error());
  ListRolesResponse response;
  auto& roles = response.roles.emplace();
  for (const identity::Role& role : page->items) roles.push_back(answer_with_duration(role));
  end_page(response, page->next);
  return response;
}

wire::Answer<wire::Empty> delete_role(const DeleteRoleRequest& request, const Context& context,
                                      Identities& identities) {
  const auto deleted = identities.roles().remove(context.caller.account, *request.role_name);
  if (!deleted) return failure(deleted.error());
  return wire::Empty{};
}

wire::Answer<wire::Empty> update_trust(const UpdateAssumeRolePolicyRequest& request, const Context& context,
                                       Identities& identities) {
  const auto updated =
      identities.roles().set_trust(context.caller.account, *request.role_name, *request.policy_document);
  // CreateRole says it in other words.
  if (!updated && updated.error().error.message == policy::kTrustActionsFault)
    return wire::refuse(kMalformedPolicyDocumentException,
                        "AssumeRole policy may only specify STS AssumeRole actions.");
  if (!updated) return failure(updated.error());
  return wire::Empty{};
}

wire::Answer<UpdateRoleResponse> update_role(const UpdateRoleRequest& request, const Context& context,
                                             Identities& identities) {
  std::optional<std::chrono::seconds> longest;
  if (request.max_session_duration) longest = std::chrono::seconds(*request.max_session_duration);
  const auto updated =
      identities.roles().change(context.caller.account, *request.role_name, request.description, longest);
  if (!updated) return failure(updated.error());
  return UpdateRoleResponse{};
}

wire::Answer<UpdateRoleDescriptionResponse> update_description(const UpdateRoleDescriptionRequest& request,
                                                               const Context& context,
                                                               Identities& identities) {
  const auto updated = identities.roles().change(context.caller.account, *request.role_name,
                                                 *request.description, std::nullopt);
  if (!updated) return failure(updated.error());
  return UpdateRoleDescriptionResponse{role_answer(*updated)};
}

/// There are no instances, and so no profiles of them. Who deletes a role asks first.
wire::Answer<ListInstanceProfilesForRoleResponse> list_instance_profiles(
    const ListInstanceProfilesForRoleRequest& request, const Context& context, Identities& identities) {
  const auto role =
      identities.find_entity(context.caller.account, {identity::EntityKind::role, *request.role_name});
  if (!role) return failure(role.error());
  ListInstanceProfilesForRoleResponse response;
  response.instance_profiles.emplace();
  end_page(response, std::nullopt);
  return response;
}

}  // namespace

void add_roles(dispatch::Operations& operations, const Dependencies& dependencies) {
  add<CreateRole>(operations, dependencies, create_role);
  add<GetRole>(operations, dependencies, get_role);
  add<ListRoles>(operations, dependencies, list_roles);
  add<DeleteRole>(operations, dependencies, delete_role);
  add<UpdateAssumeRolePolicy>(operations, dependencies, update_trust);
  add<ListInstanceProfilesForRole>(operations, dependencies, list_instance_profiles);
  add<UpdateRole>(operations, dependencies, update_role);
  add<UpdateRoleDescription>(operations, dependencies, update_description);
}

}  // namespace sightline::aws::iam
