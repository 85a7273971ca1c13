#pragma once
// Who makes a request. IAM knows no regions: a principal belongs to its account alone.

#include <string>
#include <string_view>

namespace sightline::identity {

enum class PrincipalKind {
  root,       ///< the account itself
  user,       ///< one of its users
  session,    ///< who asked for temporary keys: id, name and arn are theirs
  anonymous,  ///< nobody signed
};

struct Principal {
  PrincipalKind kind = PrincipalKind::anonymous;
  std::string account;  ///< 12 digits
  std::string id;       ///< AIDA... of a user; of the root the account
  std::string name;     ///< of a user; empty for the root
  std::string arn;
  bool operator==(const Principal&) const = default;
};

/// arn:aws:iam::ACCOUNT:root.
[[nodiscard]] Principal root_of(std::string_view account);
/// `path` begins and ends with a slash.
[[nodiscard]] Principal user_principal(std::string_view account, std::string_view id, std::string_view path,
                                       std::string_view name);
[[nodiscard]] std::string user_arn(std::string_view account, std::string_view path, std::string_view name);

/// 12 digits.
[[nodiscard]] bool is_account(std::string_view text);

}  // namespace sightline::identity
