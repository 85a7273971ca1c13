#include "aws/iam/operations.h"

#include "aws/iam/access_keys.h"
#include "aws/iam/users.h"

namespace sightline::aws::iam {
namespace {

constexpr std::uint64_t kMaxBody = std::uint64_t{1} << 20U;

template <typename Op, typename Handler>
void add(dispatch::Operations& operations, const Parts& parts, const Handler& handler) {
  operations.unary<Op>(parts.quick, kMaxBody,
                       [&identities = parts.identities, handler](const typename Op::Request& request,
                                                                 const dispatch::Context& context) {
                         return handler(request, context, identities);
                       });
}

/// The ARN of the user that a request names, or of the caller where it names none.
void add_resolvers(dispatch::Operations& operations, identity::Identities& identities) {
  using Texts = wire::Answer<std::vector<std::string>>;
  operations.resolver(
      "user", [&identities](const std::string* name, const dispatch::Context& context) -> Texts {
        if (name == nullptr) return std::vector{context.caller.arn};
        const auto user = identities.get_user(context.caller.account, *name);
        return std::vector{user ? user->arn : identity::user_arn(context.caller.account, "/", *name)};
      });
  operations.resolver("path", [](const std::string* path, const dispatch::Context&) -> Texts {
    return std::vector<std::string>{path ? *path : "/"};
  });
}

}  // namespace

void add_operations(dispatch::Operations& operations, const Parts& parts) {
  add_resolvers(operations, parts.identities);
  add<CreateUser>(operations, parts, create_user);
  add<GetUser>(operations, parts, get_user);
  add<ListUsers>(operations, parts, list_users);
  add<DeleteUser>(operations, parts, delete_user);
  add<CreateAccessKey>(operations, parts, create_access_key);
  add<ListAccessKeys>(operations, parts, list_access_keys);
  add<UpdateAccessKey>(operations, parts, update_access_key);
  add<DeleteAccessKey>(operations, parts, delete_access_key);
}

}  // namespace sightline::aws::iam
