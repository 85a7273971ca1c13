#pragma once
// Ids and secrets in the forms that AWS's have: SDKs and scanners for leaked keys know them by these.

#include <string>
#include <string_view>

#include "base/random.h"

namespace sightline::identity {

/// 20 characters, 80 bits of them by chance. `prefix` is "AKIA" or "ASIA".
[[nodiscard]] std::string make_access_key_id(std::string_view prefix, Random& random);
/// `prefix` and 17 characters: AIDA of users, AGPA of groups, AROA of roles, ANPA of policies.
[[nodiscard]] std::string make_entity_id(std::string_view prefix, Random& random);
/// 40 characters: 240 bits in Base64.
[[nodiscard]] std::string make_secret(Random& random);
/// 192 characters of Base64, without meaning.
[[nodiscard]] std::string make_session_token(Random& random);

}  // namespace sightline::identity
