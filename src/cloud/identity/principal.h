#pragma once
// Who makes a request. IAM knows no regions: a principal belongs to its account alone.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace sightline::identity {

struct RoleSession;

enum class PrincipalKind {
  root,          ///< the account itself
  user,          ///< one of its users
  session,       ///< who asked for temporary keys: id, name and arn are theirs
  role_session,  ///< of a role that somebody has assumed
  service,       ///< one of AWS's, which acts for itself: a call from inside
  anonymous,     ///< nobody signed
};

struct Principal {
  PrincipalKind kind = PrincipalKind::anonymous;
  std::string account;  ///< 12 digits; empty of a service
  std::string id;       ///< AIDA... of a user; AROA...:NAME of a role's session; of the root the account
  std::string name;     ///< of a user; of a service "lambda.amazonaws.com"; empty for the root and for roles
  std::string arn;      ///< of a role's session arn:aws:sts::ACCOUNT:assumed-role/ROLE/NAME
  std::shared_ptr<const RoleSession> role = nullptr;  ///< of a role's session (role_session.h)
  std::optional<Instant> issued = {};  ///< when its temporary keys were made; nothing of keys that last
  bool operator==(const Principal&) const = default;
};

/// arn:aws:iam::ACCOUNT:root.
[[nodiscard]] Principal root_of(std::string_view account);
/// `path` begins and ends with a slash.
[[nodiscard]] Principal user_principal(std::string_view account, std::string_view id, std::string_view path,
                                       std::string_view name);
/// "lambda.amazonaws.com".
[[nodiscard]] Principal service_principal(std::string_view name);

[[nodiscard]] std::string user_arn(std::string_view account, std::string_view path, std::string_view name);
[[nodiscard]] std::string group_arn(std::string_view account, std::string_view path, std::string_view name);
[[nodiscard]] std::string role_arn(std::string_view account, std::string_view path, std::string_view name);
[[nodiscard]] std::string policy_arn(std::string_view account, std::string_view path, std::string_view name);

/// 12 digits.
[[nodiscard]] bool is_account(std::string_view text);

}  // namespace sightline::identity
