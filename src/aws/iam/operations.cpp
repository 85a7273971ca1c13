#include "aws/iam/operations.h"

#include "aws/iam/access_keys.h"
#include "aws/iam/users.h"

namespace sightline::aws::iam {
namespace {

constexpr std::uint64_t kMaxBody = std::uint64_t{1} << 20U;

template <typename Op, typename Handler>
void add(dispatch::Operations& operations, const Dependencies& dependencies, const Handler& handler) {
  operations.unary<Op>(dependencies.quick, kMaxBody,
                       [&identities = dependencies.identities, handler](const typename Op::Request& request,
                                                                        const dispatch::Context& context) {
                         return handler(request, context, identities);
                       });
}

/// The ARN of the user that a request names, or of the caller where it names none.
void add_resolvers(dispatch::Operations& operations, identity::Identities& identities) {
  using Texts = wire::Answer<std::vector<std::string>>;
  operations.resolver(
      kService, "user", [&identities](const std::string* name, const dispatch::Context& context) -> Texts {
        if (name == nullptr) return std::vector{context.caller.arn};
        const auto user = identities.get_user(context.caller.account, *name);
        if (!user && user.error().kind != ErrorKind::not_found)
          return std::unexpected(wire::internal_error(kService, user.error().message));
        return std::vector{user ? user->arn : identity::user_arn(context.caller.account, "/", *name)};
      });
  operations.resolver(kService, "path", [](const std::string* path, const dispatch::Context&) -> Texts {
    return std::vector<std::string>{path ? *path : "/"};
  });
}

}  // namespace

void add_operations(dispatch::Operations& operations, const Dependencies& dependencies) {
  add_resolvers(operations, dependencies.identities);
  add<CreateUser>(operations, dependencies, create_user);
  add<GetUser>(operations, dependencies, get_user);
  add<ListUsers>(operations, dependencies, list_users);
  add<DeleteUser>(operations, dependencies, delete_user);
  add<CreateAccessKey>(operations, dependencies, create_access_key);
  add<ListAccessKeys>(operations, dependencies, list_access_keys);
  add<UpdateAccessKey>(operations, dependencies, update_access_key);
  add<DeleteAccessKey>(operations, dependencies, delete_access_key);
}

}  // namespace sightline::aws::iam
