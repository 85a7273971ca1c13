#pragma once
// Groups of users: who is in one may what its policies allow.

#include <optional>
#include <string_view>
#include <vector>

#include "cloud/identity/entities.h"

namespace sightline::identity {

inline constexpr std::int64_t kMaxGroups = 300;  ///< of an account
inline constexpr std::int64_t kMaxGroupsOfUser = 10;

/// Thread-safe. Names and paths are what IAM's model lets through. Every function may also fail with
/// `storage`.
class Groups {
 public:
  explicit Groups(const Backing& backing) : backing_(backing) {}

  /// Errors: invalid, already_exists, over_limit (groups).
  [[nodiscard]] Answer<Entity> create(std::string_view account, std::string_view name, std::string_view path);
  /// Errors: no_such_entity.
  [[nodiscard]] Answer<Entity> get(std::string_view account, std::string_view name);
  [[nodiscard]] Answer<Page<Entity>> list(std::string_view account, const ListQuery& query);
  /// What is given. Errors: no_such_entity, already_exists.
  [[nodiscard]] Answer<void> change(std::string_view account, std::string_view name,
                                    std::optional<std::string_view> new_name,
                                    std::optional<std::string_view> new_path);
  /// Errors: no_such_entity, has_members, has_attachments, has_inline_policies.
  [[nodiscard]] Answer<void> remove(std::string_view account, std::string_view name);

  /// Nothing where the user is in it already. Errors: no_such_entity, over_limit (groups_of_a_user).
  [[nodiscard]] Answer<void> add_user(std::string_view account, std::string_view group,
                                      std::string_view user);
  /// Errors: no_such_entity, not_a_member.
  [[nodiscard]] Answer<void> remove_user(std::string_view account, std::string_view group,
                                         std::string_view user);
  /// Errors: no_such_entity.
  [[nodiscard]] Answer<Page<Entity>> members(std::string_view account, std::string_view group,
                                             const ListQuery& query);
  /// Errors: no_such_entity.
  [[nodiscard]] Answer<std::vector<Entity>> groups_of(std::string_view account, std::string_view user);

 private:
  const Backing backing_;
};

}  // namespace sightline::identity
