#pragma once
// What is known of a session of a role beside its keys.

#include <optional>
#include <string>
#include <vector>

#include "cloud/identity/principal.h"
#include "cloud/identity/tag.h"
#include "cloud/policy/document.h"

namespace sightline::identity {

/// Immutable once it is made; shared by all requests of the session.
struct RoleSession {
  std::string role_id;   ///< AROA...
  std::string role_arn;  ///< with its path
  std::string name;      ///< "night-shift"
  std::string source_identity = {};
  std::optional<policy::Document> policy = {};    ///< that was given with the request for it
  std::vector<std::string> policy_arns = {};      ///< managed policies that were named with it
  std::vector<Tag> tags = {};                     ///< of the session, beside those of the role
  std::vector<std::string> transitive_keys = {};  ///< of tags that go on to roles which the session assumes
};

/// `role_name` is without its path.
[[nodiscard]] Principal role_session_principal(std::string_view account, std::string_view role_name,
                                               RoleSession session);

}  // namespace sightline::identity
