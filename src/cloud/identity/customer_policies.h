#pragma once
// Managed policies that an account has made, with their versions; and which of AWS's own there are.

#include <string>
#include <string_view>
#include <vector>

#include "cloud/identity/entities.h"

namespace sightline::identity {

inline constexpr std::int64_t kMaxPolicies = 1'500;    ///< of an account
inline constexpr std::int64_t kMaxVersions = 5;        ///< of a policy
inline constexpr std::int64_t kMaxPolicySize = 6'144;  ///< characters without white space

/// Of the account, or one of AWS's own.
struct Policy {
  std::string name;
  std::string path;
  std::string id;  ///< ANPA...
  std::string arn;
  std::string description;
  std::string default_version;  ///< "v1"
  std::int64_t attachments = 0;
  Instant created;
  Instant updated;
  std::vector<Tag> tags;
};

struct PolicyVersion {
  std::string id;        ///< "v1"
  std::string document;  ///< JSON
  bool is_default = false;
  Instant created;
};

struct NewPolicy {
  std::string_view name;
  std::string_view path = "/";
  std::string_view document;
  std::string_view description = {};
  std::vector<Tag> tags = {};
};

/// Thread-safe. `arn` is of the account's own policies or of AWS's; each function that has one may fail with
/// no_such_policy, and each that changes it with belongs_to_aws. Every function may also fail with `storage`.
class CustomerPolicies {
 public:
  explicit CustomerPolicies(const Backing& backing) : backing_(backing) {}

  /// Errors: invalid, already_exists, over_limit (policies, policy_size, tags), malformed.
  [[nodiscard]] Answer<Policy> create(std::string_view account, const NewPolicy& policy);
  [[nodiscard]] Answer<Policy> get(std::string_view account, std::string_view arn);
  /// The account's own, without their tags.
  [[nodiscard]] Answer<Page<Policy>> list(std::string_view account, const ListQuery& query);
  /// Of AWS's own, in the order of their names.
  [[nodiscard]] Answer<std::vector<Policy>> list_of_aws(std::string_view account);
  /// Errors: is_attached, has_versions.
  [[nodiscard]] Answer<void> remove(std::string_view account, std::string_view arn);

  /// Errors: over_limit (versions, policy_size), malformed.
  [[nodiscard]] Answer<PolicyVersion> add_version(std::string_view account, std::string_view arn,
                                                  std::string_view document, bool as_default);
  /// Errors: no_such_version.
  [[nodiscard]] Answer<PolicyVersion> version(std::string_view account, std::string_view arn,
                                              std::string_view id);
  /// The newest first.
  [[nodiscard]] Answer<std::vector<PolicyVersion>> versions(std::string_view account, std::string_view arn);
  /// Errors: no_such_version.
  [[nodiscard]] Answer<void> set_default(std::string_view account, std::string_view arn, std::string_view id);
  /// Errors: no_such_version, default_version.
  [[nodiscard]] Answer<void> remove_version(std::string_view account, std::string_view arn,
                                            std::string_view id);

  /// Errors: over_limit (tags), invalid (a key twice).
  [[nodiscard]] Answer<void> put_tags(std::string_view account, std::string_view arn,
                                      std::span<const Tag> tags);
  [[nodiscard]] Answer<void> remove_tags(std::string_view account, std::string_view arn,
                                         std::span<const std::string> keys);

 private:
  const Backing backing_;
};

/// Whether there is such a managed policy, of the account or of AWS. Errors: no_such_policy.
[[nodiscard]] Answer<void> check_managed(store::Transaction& transaction, std::string_view account,
                                         std::string_view arn);

}  // namespace sightline::identity
