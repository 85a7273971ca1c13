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

}  // namespace

void add_operations(dispatch::Operations& operations, const Parts& parts) {
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
