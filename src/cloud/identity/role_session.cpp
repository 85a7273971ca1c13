#include "cloud/identity/role_session.h"

#include <fmt/format.h>

#include <utility>

namespace sightline::identity {

Principal role_session_principal(std::string_view account, std::string_view role_name, RoleSession session) {
  Principal principal;
  principal.kind = PrincipalKind::role_session;
  principal.account = account;
  principal.id = fmt::format("{}:{}", session.role_id, session.name);
  principal.arn = fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", account, role_name, session.name);
  principal.role = std::make_shared<const RoleSession>(std::move(session));
  return principal;
}

}  // namespace sightline::identity
