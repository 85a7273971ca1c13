#pragma once
// Roles: what somebody may become who is trusted.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cloud/identity/entities.h"

namespace sightline::identity {

inline constexpr std::int64_t kMaxRoles = 5'000;     ///< of an account
inline constexpr std::size_t kMaxTrustSize = 2'048;  ///< characters without white space
inline constexpr std::chrono::seconds kUsualRoleSession{3'600};
inline constexpr std::chrono::seconds kLongestRoleSession{43'200};

struct Role {
  Entity entity;
  std::string trust;  ///< JSON: who may assume it
  std::string description;
  std::chrono::seconds longest_session = kUsualRoleSession;
  std::vector<Tag> tags;
};

struct NewRole {
  std::string_view name;
  std::string_view path = "/";
  std::string_view trust;
  std::string_view description = {};
  std::chrono::seconds longest_session = kUsualRoleSession;
  std::vector<Tag> tags = {};
};

/// Thread-safe. Names, paths and numbers are what IAM's model lets through. Every function may also fail with
/// `storage`.
class Roles {
 public:
  explicit Roles(const Backing& backing) : backing_(backing) {}

  /// Errors: invalid, already_exists, over_limit (roles, trust_size, tags), malformed.
  [[nodiscard]] Answer<Role> create(std::string_view account, const NewRole& role);
  /// Errors: no_such_entity.
  [[nodiscard]] Answer<Role> get(std::string_view account, std::string_view name);
  /// Without their tags.
  [[nodiscard]] Answer<Page<Role>> list(std::string_view account, const ListQuery& query);
  /// Errors: no_such_entity, over_limit (trust_size), malformed.
  [[nodiscard]] Answer<void> set_trust(std::string_view account, std::string_view name,
                                       std::string_view document);
  /// What is given. Errors: no_such_entity.
  [[nodiscard]] Answer<Role> change(std::string_view account, std::string_view name,
                                    std::optional<std::string_view> description,
                                    std::optional<std::chrono::seconds> longest_session);
  /// Ends its sessions. Errors: no_such_entity, has_attachments, has_inline_policies.
  [[nodiscard]] Answer<void> remove(std::string_view account, std::string_view name);

 private:
  const Backing backing_;
};

}  // namespace sightline::identity
