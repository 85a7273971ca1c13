#pragma once
// What reads and writes rows of users, keys and sessions, for this module's sources.

#include <string>
#include <string_view>
#include <vector>

#include "cloud/identity/identities.h"
#include "store/database.h"

namespace sightline::identity {

/// Of a row of kUser and its like.
[[nodiscard]] User user_of(const store::Row& row, std::string_view account);
/// Errors: not_found.
[[nodiscard]] Result<User> read_user(store::Transaction& transaction, std::string_view account,
                                     std::string_view name);
/// The place that a secret is sealed for. An id is one of access keys or of sessions, never of both.
[[nodiscard]] std::string place_of(std::string_view account, std::string_view id);
/// Keeps the ids of keys that are gone. Returns those of older ones for which there is no room any more.
[[nodiscard]] Result<std::vector<std::string>> keep_gone(store::Transaction& transaction,
                                                         const std::vector<std::string>& ids);

}  // namespace sightline::identity
