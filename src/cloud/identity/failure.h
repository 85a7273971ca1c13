#pragma once
// What can go wrong with users, groups, roles and policies, for callers that say it in words of their own.

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

#include "base/failure.h"

namespace sightline::identity {

enum class EntityKind : std::uint8_t { user, group, role };

/// "user", "group", "role".
[[nodiscard]] std::string_view name_of(EntityKind kind);

enum class Problem {
  storage,  ///< error.kind says what: no_space, io, corrupt, internal, ...
  invalid,  ///< the message says what of the request
  no_such_entity,
  no_such_policy,   ///< a managed one
  no_such_version,  ///< of a managed policy
  no_such_inline_policy,
  not_attached,
  not_a_member,
  already_exists,  ///< Facts::thing says what
  over_limit,      ///< Facts::quota says which
  malformed,       ///< the message is AWS's: policy::Problem::malformed
  belongs_to_aws,  ///< a policy that no account may change
  has_keys,
  has_inline_policies,
  has_attachments,
  has_members,  ///< a group; or a user, who is a member
  has_versions,
  is_attached,      ///< a policy, somewhere
  default_version,  ///< which cannot be deleted
  role_ended,       ///< it was deleted meanwhile
};

enum class Thing : std::uint8_t { user, group, role, policy };

enum class Quota : std::uint8_t {
  users,
  groups,
  roles,
  policies,
  groups_of_a_user,
  attachments,  ///< of one entity
  versions,
  inline_size,  ///< all inline policies of one entity together
  policy_size,
  trust_size,
  session_size,  ///< of a session's own policies
  tags,
  sessions,
};

/// What a failure is about. What a problem does not concern stays empty.
struct Facts {
  EntityKind kind = EntityKind::user;
  std::string name = {};     ///< of what is missing, exists already, or has too many; of a policy its ARN
  std::string version = {};  ///< of a policy
  Thing thing = Thing::user;
  Quota quota = Quota::users;
  std::int64_t limit = 0;
};

struct Failure : FailureOf<Problem> {
  using FailureOf::FailureOf;
  Facts facts = {};
};

[[nodiscard]] inline std::unexpected<Failure> refuse(Problem problem, std::string message, Facts facts = {}) {
  Failure failure(problem, std::move(message));
  failure.facts = std::move(facts);
  return std::unexpected(std::move(failure));
}

template <typename T>
using Answer = std::expected<T, Failure>;

}  // namespace sightline::identity
