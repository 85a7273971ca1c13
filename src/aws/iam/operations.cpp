#include "aws/iam/operations.h"

#include "aws/iam/access_keys.h"
#include "aws/iam/registration.h"
#include "aws/iam/resources.h"
#include "aws/iam/users.h"

namespace sightline::aws::iam {
namespace {

void add_resolvers(dispatch::Operations& operations, identity::Identities& identities) {
  using Texts = wire::Answer<std::vector<std::string>>;
  using identity::EntityKind;
  const auto add_entity = [&](std::string name, EntityKind kind) {
    operations.resolver(
        kService, std::move(name),
        [&identities, kind](const std::string* value, const dispatch::Context& context) -> Texts {
          // A request without a name means its caller.
          if (value == nullptr) return std::vector{context.caller.arn};
          return std::vector{TRY(arn_of({kind, *value}, context, identities))};
        });
  };
  add_entity("user", EntityKind::user);
  add_entity("group", EntityKind::group);
  add_entity("role", EntityKind::role);
  operations.resolver(kService, "path", [](const std::string* path, const dispatch::Context&) -> Texts {
    return std::vector<std::string>{path ? *path : "/"};
  });
}

void add_permissions_to_rename(dispatch::Operations& operations, identity::Identities& identities) {
  using Needed = wire::Answer<std::vector<dispatch::AccessRequest>>;
  operations.permissions<UpdateUser>(
      [&identities](const UpdateUserRequest& request, const dispatch::Context& context) -> Needed {
        return permissions_to_rename("iam:UpdateUser", {identity::EntityKind::user, *request.user_name},
                                     request.new_user_name, request.new_path, context, identities);
      });
  operations.permissions<UpdateGroup>(
      [&identities](const UpdateGroupRequest& request, const dispatch::Context& context) -> Needed {
        return permissions_to_rename("iam:UpdateGroup", {identity::EntityKind::group, *request.group_name},
                                     request.new_group_name, request.new_path, context, identities);
      });
}

}  // namespace

void add_operations(dispatch::Operations& operations, const Dependencies& dependencies) {
  add_resolvers(operations, dependencies.identities);
  add_permissions_to_rename(operations, dependencies.identities);
  add<CreateUser>(operations, dependencies, create_user);
  add<GetUser>(operations, dependencies, get_user);
  add<ListUsers>(operations, dependencies, list_users);
  add<UpdateUser>(operations, dependencies, update_user);
  add<DeleteUser>(operations, dependencies, delete_user);
  add<CreateAccessKey>(operations, dependencies, create_access_key);
  add<ListAccessKeys>(operations, dependencies, list_access_keys);
  add<UpdateAccessKey>(operations, dependencies, update_access_key);
  add<DeleteAccessKey>(operations, dependencies, delete_access_key);
  add_roles(operations, dependencies);
  add_groups(operations, dependencies);
  add_entity_policies(operations, dependencies);
  add_managed_policies(operations, dependencies);
  add_account_details(operations, dependencies);
  add_simulation(operations, dependencies);
  add_tags(operations, dependencies);
}

}  // namespace sightline::aws::iam
