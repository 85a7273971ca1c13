// Groups of an account, and who is in them.

#include "aws/iam/answers.h"
#include "aws/iam/registration.h"

namespace sightline::aws::iam {
namespace {

using dispatch::Context;
using identity::Identities;

Group group_answer(const identity::Entity& group) {
  Group answer;
  answer.path = group.path;
  answer.group_name = group.name;
  answer.group_id = group.id;
  answer.arn = group.arn;
  answer.create_date = group.created;
  return answer;
}

wire::Answer<CreateGroupResponse> create_group(const CreateGroupRequest& request, const Context& context,
                                               Identities& identities) {
  const auto made =
      identities.groups().create(context.caller.account, *request.group_name, request.path.value_or("/"));
  if (!made) return failure(made.error());
  return CreateGroupResponse{group_answer(*made)};
}

wire::Answer<GetGroupResponse> get_group(const GetGroupRequest& request, const Context& context,
                                         Identities& identities) {
  const auto group = identities.groups().get(context.caller.account, *request.group_name);
  if (!group) return failure(group.error());
  std::string after;
  const auto page =
      identities.groups().members(context.caller.account, *request.group_name, TRY(query_of(request, after)));
  if (!page) return failure(page.error());
  GetGroupResponse response;
  response.group = group_answer(*group);
  auto& users = response.users.emplace();
  for (const identity::Entity& user : page->items) users.push_back(user_answer(user));
  end_page(response, page->next);
  return response;
}

wire::Answer<ListGroupsResponse> list_groups(const ListGroupsRequest& request, const Context& context,
                                             Identities& identities) {
  std::string after;
  const auto page = identities.groups().list(context.caller.account, TRY(query_of(request, after)));
  if (!page) return failure(page.error());
  ListGroupsResponse response;
  auto& groups = response.groups.emplace();
  for (const identity::Entity& group : page->items) groups.push_back(group_answer(group));
  end_page(response, page->next);
  return response;
}

wire::Answer<ListGroupsForUserResponse> list_groups_for_user(const ListGroupsForUserRequest& request,
                                                             const Context& context, Identities& identities) {
  const auto all = identities.groups().groups_of(context.caller.account, *request.user_name);
  if (!all) return failure(all.error());
  ListGroupsForUserResponse response;
  auto& groups = response.groups.emplace();
  TRY(fill_page(
      request, response, *all, [](const identity::Entity& group) { return to_lower(group.name); },
      [&](const identity::Entity& group) { groups.push_back(group_answer(group)); }));
  return response;
}

wire::Answer<wire::Empty> update_group(const UpdateGroupRequest& request, const Context& context,
                                       Identities& identities) {
  const auto updated = identities.groups().change(context.caller.account, *request.group_name,
                                                  request.new_group_name, request.new_path);
  if (!updated) return failure(updated.error());
  return wire::Empty{};
}

wire::Answer<wire::Empty> delete_group(const DeleteGroupRequest& request, const Context& context,
                                       Identities& identities) {
  const auto deleted = identities.groups().remove(context.caller.account, *request.group_name);
  if (!deleted) return failure(deleted.error());
  return wire::Empty{};
}

wire::Answer<wire::Empty> add_user(const AddUserToGroupRequest& request, const Context& context,
                                   Identities& identities) {
  const auto added =
      identities.groups().add_user(context.caller.account, *request.group_name, *request.user_name);
  if (!added) return failure(added.error());
  return wire::Empty{};
}

wire::Answer<wire::Empty> remove_user(const RemoveUserFromGroupRequest& request, const Context& context,
                                      Identities& identities) {
  const auto removed =
      identities.groups().remove_user(context.caller.account, *request.group_name, *request.user_name);
  if (!removed) return failure(removed.error());
  return wire::Empty{};
}

}  // namespace

void add_groups(dispatch::Operations& operations, const Dependencies& dependencies) {
  add<CreateGroup>(operations, dependencies, create_group);
  add<GetGroup>(operations, dependencies, get_group);
  add<ListGroups>(operations, dependencies, list_groups);
  add<ListGroupsForUser>(operations, dependencies, list_groups_for_user);
  add<UpdateGroup>(operations, dependencies, update_group);
  add<DeleteGroup>(operations, dependencies, delete_group);
  add<AddUserToGroup>(operations, dependencies, add_user);
  add<RemoveUserFromGroup>(operations, dependencies, remove_user);
}

}  // namespace sightline::aws::iam
