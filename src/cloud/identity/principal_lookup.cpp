#include "cloud/identity/principal_lookup.h"

#include <fmt/format.h>

#include "cloud/identity/role_session.h"
#include "cloud/policy/pattern.h"

namespace sightline::identity {
namespace {

/// After the last slash.
std::string_view last_part(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

Principal session_of(std::string_view account, const Entity& role, std::string_view name) {
  RoleSession session;
  session.role_id = role.id;
  session.role_arn = role.arn;
  session.name = name;
  return role_session_principal(account, role.name, std::move(session));
}

}  // namespace

Answer<Principal> find_principal(Identities& identities, std::string_view account, std::string_view who) {
  const auto user = [&](std::string_view name) -> Answer<Principal> {
    const Entity found = TRY(identities.find_entity(account, {EntityKind::user, name}));
    return user_principal(account, found.id, found.path, found.name);
  };
  const auto role = [&](std::string_view name, std::string_view session) -> Answer<Principal> {
    return session_of(account, TRY(identities.find_entity(account, {EntityKind::role, name})), session);
  };
  if (!who.starts_with("arn:")) return user(who);
  const auto parts = policy::split_arn(who);
  const bool ours = parts && (*parts)[4] == account;
  const std::string_view rest = parts ? (*parts)[5] : std::string_view();
  if (ours && (*parts)[2] == "iam") {
    if (rest == "root") return root_of(account);
    if (rest.starts_with("user/")) return user(last_part(rest));
    if (rest.starts_with("role/")) return role(last_part(rest), "session");
  }
  if (ours && (*parts)[2] == "sts" && rest.starts_with("assumed-role/")) {
    const std::string_view names = rest.substr(std::string_view("assumed-role/").size());
    const auto slash = std::min(names.find('/'), names.size());
    return role(names.substr(0, slash), names.substr(std::min(slash + 1, names.size())));
  }
  return refuse(Problem::invalid,
                fmt::format("'{}' is no root, user, role or session of a role of account {}", who, account));
}

}  // namespace sightline::identity
