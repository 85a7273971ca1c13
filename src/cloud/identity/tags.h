#pragma once
// Tags of users, roles and customers' policies.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cloud/identity/entities.h"

namespace sightline::identity {

inline constexpr std::int64_t kMaxTags = 50;  ///< of one user, role, policy or session

/// Adds tags, or gives those that are there new values. The case of keys does not count, but with policies.
/// Errors: over_limit (tags), invalid (a key twice, or one of AWS's own; in AWS's words).
[[nodiscard]] Answer<void> put_tags(store::Transaction& transaction, std::string_view account,
                                    std::string_view id, std::span<const Tag> tags);
[[nodiscard]] Result<void> delete_tags(store::Transaction& transaction, std::string_view account,
                                       std::string_view id, std::span<const std::string> keys);
/// Of a session. Errors: over_limit (tags), invalid (a key twice).
[[nodiscard]] Answer<void> check_tags(std::span<const Tag> tags);

/// Thread-safe. Of users and roles: decisions see theirs as aws:PrincipalTag.
class Tags {
 public:
  explicit Tags(const Backing& backing) : backing_(backing) {}
  /// Errors: no_such_entity, and those of put_tags().
  [[nodiscard]] Answer<void> put(std::string_view account, const EntityRef& ref, std::span<const Tag> tags);
  /// Errors: no_such_entity.
  [[nodiscard]] Answer<void> remove(std::string_view account, const EntityRef& ref,
                                    std::span<const std::string> keys);
  /// Errors: no_such_entity.
  [[nodiscard]] Answer<std::vector<Tag>> list(std::string_view account, const EntityRef& ref);

 private:
  const Backing backing_;
};

}  // namespace sightline::identity
