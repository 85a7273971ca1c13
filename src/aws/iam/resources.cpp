#include "aws/iam/resources.h"

#include "aws/iam/model.h"

namespace sightline::aws::iam {

wire::Answer<std::string> arn_of(const identity::EntityRef& ref, const dispatch::Context& context,
                                 identity::Identities& identities) {
  const std::string& account = context.caller.account;
  const auto found = identities.find_entity(account, ref);
  if (found) return found->arn;
  if (found.error().problem != identity::Problem::no_such_entity)
    return std::unexpected(wire::internal_error(kService, found.error().error.message));
  switch (ref.kind) {
    case identity::EntityKind::user:
      return identity::user_arn(account, "/", ref.name);
    case identity::EntityKind::group:
      return identity::group_arn(account, "/", ref.name);
    case identity::EntityKind::role:
      break;
  }
  return identity::role_arn(account, "/", ref.name);
}

}  // namespace sightline::aws::iam
