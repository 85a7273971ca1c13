#pragma once
// How sessions of roles stand in columns, and what is asked for when one is made.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "cloud/identity/entities.h"
#include "cloud/identity/role_session.h"

namespace sightline::identity {

inline constexpr std::int64_t kMaxSessionPolicySize = 2'048;  ///< characters of a session's own policy
inline constexpr std::size_t kMaxSessionPolicyArns = 10;
/// Of a session of a role that another role's session has assumed.
inline constexpr std::chrono::seconds kLongestChainedSession{3'600};

struct NewRoleSession {
  std::string_view role_name;  ///< without its path
  std::string_view role_id;    ///< of the role that was found to trust the caller
  RoleSession session;         ///< role_id and role_arn are those of the role
  std::chrono::seconds length = std::chrono::seconds(3'600);
};

/// For the column; no text of JSON and no tag has the characters that separate.
[[nodiscard]] std::string join_arns(const std::vector<std::string>& arns);
[[nodiscard]] std::string join_tags(const RoleSession& session);
[[nodiscard]] std::vector<std::string> split_arns(std::string_view column);
void split_tags(std::string_view column, RoleSession& session);

}  // namespace sightline::identity
