#pragma once
// In memory: what users, groups and roles may do, so that a request is decided without the disk. Changed by
// what runs after a commit, in the order of commits. Why: docs/adr/0025-permission-without-the-disk.md.

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "cloud/identity/tag.h"
#include "cloud/policy/decision.h"
#include "cloud/policy/document.h"

namespace sightline::identity {

/// A policy where it hangs.
struct HeldPolicy {
  std::string name;  ///< an inline policy's; of a managed one its ARN
  policy::Document document;
};

/// A user, group or role, as far as decisions need it. Immutable.
struct Holder {
  std::string id;
  std::string account;
  std::string arn;
  std::vector<HeldPolicy> inline_policies = {};
  std::vector<std::string> attached = {};  ///< ARNs of managed policies
  std::vector<std::string> groups = {};    ///< ids of those that a user is in
  std::vector<Tag> tags = {};
  std::optional<policy::Document> trust = {};  ///< a role's
};

/// All policies that bear on a principal, as they were at one moment. They stay as long as this does.
class EffectivePolicies {
 public:
  [[nodiscard]] std::span<const policy::AttachedPolicy> all() const { return policies_; }
  void add(const std::shared_ptr<const Holder>& holder);
  void add(std::shared_ptr<const HeldPolicy> held);
  /// What lasts as long as the program.
  void add(const policy::AttachedPolicy& lasting) { policies_.push_back(lasting); }

 private:
  std::vector<std::shared_ptr<const void>> kept_;
  std::vector<policy::AttachedPolicy> policies_;
};

/// What bears on a caller, as it was at one moment.
struct CallerPolicies {
  EffectivePolicies identity;                      ///< of the user or role and its groups
  EffectivePolicies session;                       ///< managed ones that were given with the session
  std::shared_ptr<const Holder> holder = nullptr;  ///< null where the id is unknown
};

/// Thread-safe.
class PolicyBook {
 public:
  /// What one commit changes. Null: it is gone.
  struct Changes {
    std::vector<std::pair<std::string, std::shared_ptr<const Holder>>> holders = {};      ///< by id
    std::vector<std::pair<std::string, std::shared_ptr<const HeldPolicy>>> managed = {};  ///< by ARN
  };

  /// Of a user or role, by id: its own and those of its groups. Of someone unknown none. An attached one that
  /// is gone, as after a return to a version with fewer of AWS's own, denies everything.
  [[nodiscard]] EffectivePolicies policies_of(std::string_view id) const;
  /// Of a user or role, by id, with the managed policies of its session. One of these that is gone allows
  /// nothing.
  [[nodiscard]] CallerPolicies policies_of(std::string_view id,
                                           std::span<const std::string> session_arns) const;
  /// Whether an account has such a managed policy, or AWS.
  [[nodiscard]] bool has_managed(std::string_view account, std::string_view arn) const;
  /// ARNs of the managed policies of that name: AWS's first, then the account's own, whatever their paths.
  [[nodiscard]] std::vector<std::string> find_managed(std::string_view account, std::string_view name) const;
  /// Null where nobody is known by the id.
  [[nodiscard]] std::shared_ptr<const Holder> find(std::string_view id) const;
  /// Users, groups and roles by their ARNs. Null where there is none.
  [[nodiscard]] std::shared_ptr<const Holder> find_by_arn(std::string_view arn) const;

  void apply(Changes changes);
  /// All is new.
  void replace(Changes all);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  template <typename T>
  using Map = std::unordered_map<std::string, T, Hash, std::equal_to<>>;

  [[nodiscard]] EffectivePolicies identity_policies(const std::shared_ptr<const Holder>& holder) const
      SIGHTLINE_THREAD_SAFETY(requires_shared_capability(mutex_));
  void add_holder(const std::shared_ptr<const Holder>& holder, EffectivePolicies& policies) const
      SIGHTLINE_THREAD_SAFETY(requires_shared_capability(mutex_));
  /// Where there is none `missing` stands for it.
  void add_managed(std::string_view arn, const policy::Document& missing, EffectivePolicies& policies) const
      SIGHTLINE_THREAD_SAFETY(requires_shared_capability(mutex_));
  void apply_locked(Changes changes) SIGHTLINE_THREAD_SAFETY(requires_capability(mutex_));

  mutable SharedMutex mutex_;
  Map<std::shared_ptr<const Holder>> holders_ SIGHTLINE_GUARDED_BY(mutex_);
  Map<std::string> ids_ SIGHTLINE_GUARDED_BY(mutex_);  ///< by ARN
  Map<std::shared_ptr<const HeldPolicy>> managed_ SIGHTLINE_GUARDED_BY(mutex_);
};

/// A document as it was kept; where it is none by today's rules, one that denies everything.
[[nodiscard]] policy::Document read_kept(std::string_view text, policy::DocumentKind kind);

}  // namespace sightline::identity
