#pragma once
// Principals by their names, for who asks what others may do.

#include <string_view>

#include "cloud/identity/identities.h"

namespace sightline::identity {

/// Of the root, a user or a role of the account, or a session of a role, by ARN; "alice" is the user of that
/// name. A role is taken as a session of it, without policies of its own. Errors: no_such_entity, invalid.
[[nodiscard]] Answer<Principal> find_principal(Identities& identities, std::string_view account,
                                               std::string_view who);

}  // namespace sightline::identity
