#pragma once
// Policies of users, groups and roles: those of their own, and managed ones that are attached to them.

#include <string>
#include <string_view>
#include <vector>

#include "cloud/identity/entities.h"

namespace sightline::identity {

// Of one entity; characters without white space, all inline policies together. See policy::is_too_large().
inline constexpr std::int64_t kMaxInlineOfUser = 2'048;
inline constexpr std::int64_t kMaxInlineOfGroup = 5'120;
inline constexpr std::int64_t kMaxInlineOfRole = 10'240;
inline constexpr std::int64_t kMaxAttachments = 10;

struct InlinePolicy {
  std::string entity;  ///< its name, as it was given to it
  std::string name;
  std::string document;  ///< JSON
};

/// Who has a managed policy.
struct AttachedTo {
  std::vector<Entity> users;
  std::vector<Entity> groups;
  std::vector<Entity> roles;
};

/// Thread-safe. Every function may also fail with `storage`, and those that name an entity with
/// no_such_entity.
class EntityPolicies {
 public:
  explicit EntityPolicies(const Backing& backing) : backing_(backing) {}

  /// Makes it, or replaces it. Errors: malformed, over_limit (inline_size).
  [[nodiscard]] Answer<void> put(std::string_view account, const EntityRef& ref, std::string_view name,
                                 std::string_view document);
  /// Errors: no_such_inline_policy.
  [[nodiscard]] Answer<InlinePolicy> get(std::string_view account, const EntityRef& ref,
                                         std::string_view name);
  /// By name. At least one character each, so that the limit on size bounds them.
  [[nodiscard]] Answer<std::vector<InlinePolicy>> list(std::string_view account, const EntityRef& ref);
  /// Errors: no_such_inline_policy.
  [[nodiscard]] Answer<void> remove(std::string_view account, const EntityRef& ref, std::string_view name);

  /// Nothing where it is attached already. Errors: no_such_policy, over_limit (attachments).
  [[nodiscard]] Answer<void> attach(std::string_view account, const EntityRef& ref, std::string_view arn);
  /// Errors: not_attached.
  [[nodiscard]] Answer<void> detach(std::string_view account, const EntityRef& ref, std::string_view arn);
  /// ARNs in their order.
  [[nodiscard]] Answer<std::vector<std::string>> attached(std::string_view account, const EntityRef& ref);
  /// Errors: no_such_policy.
  [[nodiscard]] Answer<AttachedTo> attached_to(std::string_view account, std::string_view arn);

 private:
  const Backing backing_;
};

}  // namespace sightline::identity
