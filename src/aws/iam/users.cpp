#include "aws/iam/users.h"

#include <fmt/format.h>

#include "aws/iam/answers.h"
#include "aws/iam/iam_error.h"

namespace sightline::aws::iam {
wire::Answer<CreateUserResponse> create_user(const CreateUserRequest& request,
                                             const dispatch::Context& context,
                                             identity::Identities& identities) {
  if (request.permissions_boundary) return unsupported_parameter("PermissionsBoundary");
  const std::vector<identity::Tag> tags = tags_from(request.tags);
  const auto user =
      identities.create_user(context.caller.account, *request.user_name, request.path.value_or("/"), tags);
  if (user) {
    User answer = user_answer(*user);
    answer.tags = tags_of(tags);
    return CreateUserResponse{std::move(answer)};
  }
  switch (user.error().kind) {
    case ErrorKind::already_exists:
      return wire::refuse(kEntityAlreadyExistsException,
                          fmt::format("User with name {} already exists.", *request.user_name));
    case ErrorKind::too_large:
      return wire::refuse(kLimitExceededException,
                          fmt::format("Cannot exceed quota for UsersPerAccount: {}", identity::kMaxUsers));
    case ErrorKind::invalid_argument:
      return wire::refuse(kInvalidInputException, user.error().message);
    default:
      return failure(user.error());
  }
}

wire::Answer<GetUserResponse> get_user(const GetUserRequest& request, const dispatch::Context& context,
                                       identity::Identities& identities) {
  const std::string name = TRY(user_meant(request.user_name, context));
  if (name.empty()) {
    User root;
    root.user_id = context.caller.id;
    root.arn = context.caller.arn;
    return GetUserResponse{root};
  }
  const auto user = identities.get_user(context.caller.account, name);
  if (user) {
    User answer = user_answer(*user);
    const auto tags = identities.tags().list(context.caller.account, {identity::EntityKind::user, name});
    if (tags) answer.tags = tags_of(*tags);
    return GetUserResponse{std::move(answer)};
  }
  if (user.error().kind == ErrorKind::not_found) return no_such_user(name);
  return failure(user.error());
}

wire::Answer<ListUsersResponse> list_users(const ListUsersRequest& request, const dispatch::Context& context,
                                           identity::Identities& identities) {
  identity::UserQuery query;
  if (request.path_prefix) query.path_prefix = *request.path_prefix;
  std::string after;
  if (request.marker) after = TRY(position_of(*request.marker));
  query.after = after;
  if (request.max_items) query.limit = static_cast<std::size_t>(*request.max_items);
  const auto page = identities.list_users(context.caller.account, query);
  if (!page) return failure(page.error());
  ListUsersResponse response;
  auto& users = response.users.emplace();
  for (const identity::User& user : page->users) users.push_back(user_answer(user));
  end_page(response, page->next);
  return response;
}

wire::Answer<wire::Empty> update_user(const UpdateUserRequest& request, const dispatch::Context& context,
                                      identity::Identities& identities) {
  const auto updated = identities.change_user(context.caller.account, *request.user_name,
                                              request.new_user_name, request.new_path);
  if (!updated) return failure(updated.error());
  return wire::Empty{};
}

wire::Answer<wire::Empty> delete_user(const DeleteUserRequest& request, const dispatch::Context& context,
                                      identity::Identities& identities) {
  const auto deleted = identities.delete_user(context.caller.account, *request.user_name);
  if (!deleted) return failure(deleted.error());
  return wire::Empty{};
}

}  // namespace sightline::aws::iam
