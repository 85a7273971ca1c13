#include "aws/iam/resources.h"

#include <fmt/format.h>

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

wire::Answer<std::vector<dispatch::AccessRequest>> permissions_to_rename(
    std::string_view action, const identity::EntityRef& ref, const std::optional<std::string>& new_name,
    const std::optional<std::string>& new_path, const dispatch::Context& context,
    identity::Identities& identities) {
  const auto shown_as = [&](std::string_view name) {
    return fmt::format("{} {}", identity::name_of(ref.kind), name);
  };
  std::vector<dispatch::AccessRequest> needed;
  needed.push_back({std::string(action), TRY(arn_of(ref, context, identities)), {}, shown_as(ref.name)});
  const std::string& account = context.caller.account;
  const auto found = identities.find_entity(account, ref);
  const std::string path = new_path.value_or(found ? found->path : "/");
  const std::string name = new_name.value_or(found ? found->name : std::string(ref.name));
  needed.push_back({std::string(action),
                    ref.kind == identity::EntityKind::group ? identity::group_arn(account, path, name)
                                                            : identity::user_arn(account, path, name),
                    {},
                    shown_as(new_name.value_or(std::string(ref.name)))});
  return needed;
}

}  // namespace sightline::aws::iam
