#pragma once
// Users, their access keys, and temporary sessions: who may sign, and with what. The way to what they may do.
//
// Secrets are kept sealed (base/secrets.h), not hashed: a signature is an HMAC under the secret itself, so
// who verifies it needs it. They lie in one file of mode 0600 in a folder that is the server's own; a deleted
// one is overwritten where it lay (store::Erasure::secure says what that leaves). In memory they are plain.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secrets.h"
#include "cloud/identity/credential.h"
#include "cloud/identity/customer_policies.h"
#include "cloud/identity/entity_policies.h"
#include "cloud/identity/groups.h"
#include "cloud/identity/key_ring.h"
#include "cloud/identity/policy_book.h"
#include "cloud/identity/role_sessions.h"
#include "cloud/identity/roles.h"
#include "cloud/identity/tags.h"
#include "store/database.h"
#include "store/stores.h"

namespace sightline::identity {

/// The name of its database.
inline constexpr std::string_view kDatabase = "identity";

// Limits that hold with several servers too: what a write counts still holds when it inserts, since writes
// are serializable (store/database.h).
inline constexpr std::int64_t kMaxUsers = 5000;             ///< of an account
inline constexpr std::int64_t kMaxKeys = 2;                 ///< of a user, and of the root
inline constexpr std::int64_t kMaxSessions = 5'000;         ///< of an account, that have not expired
inline constexpr std::int64_t kMaxSessionsOfOwner = 1'000;  ///< of those, of one user or role
inline constexpr std::int64_t kSessionsForRoot = 500;       ///< of those, of the account's root alone

/// Of keys and sessions that are no more, over all accounts: the last ones. Older ones count as never issued.
inline constexpr std::int64_t kMaxGoneKeys = 100'000;

inline constexpr std::chrono::seconds kShortestSession{900};
inline constexpr std::chrono::seconds kLongestSession{129'600};
inline constexpr std::chrono::seconds kUserSession{43'200};  ///< when nothing is asked for
inline constexpr std::chrono::seconds kRootSession{3'600};   ///< the root's are never longer

inline constexpr int kSessionTokenSize = 192;  ///< characters

struct User {
  std::string name;
  std::string path;  ///< begins and ends with a slash
  std::string id;
  std::string arn;
  Instant created;
};

struct UserPage {
  std::vector<User> users;          ///< by name, in small letters
  std::optional<std::string> next;  ///< where the next page goes on
};

struct UserQuery {
  std::string_view path_prefix = {};
  std::string_view after = {};  ///< `next` of the page before
  std::size_t limit = 100;
};

struct AccessKey {
  std::string id;
  std::string user;  ///< empty: the root's
  bool active = true;
  Instant created;
};

enum class KeyState { active, inactive };

/// Thread-safe. Clock and Random outlive it. `user` is a name, whose case does not count; where a key's
/// owner is meant, an empty one is the account's root. Every function may also fail as the store does
/// (no_space, io, corrupt, unavailable).
class Identities {
 public:
  /// Seals what was kept plain by versions before, or sealed with a key that is not the first of `keys` any
  /// more. Errors: unavailable (a key that sealed some is not among them), corrupt (a secret was changed, or
  /// moved to another row).
  static Result<std::unique_ptr<Identities>> open(store::Stores& stores, SecretKeys keys, const Clock& clock,
                                                  Random& random);

  /// Of any state: the caller looks at active and expires. One that was deleted, or expired long ago, is an
  /// inactive one without a secret or principal; nullopt is one that was never issued here. From memory:
  /// never blocks on the disk.
  [[nodiscard]] std::optional<Credential> find_credential(std::string_view access_key_id) const;
  /// Reads the keys again: another process (`sightline keys`) changed the file.
  [[nodiscard]] Result<void> reload();

  /// Who may do nothing until a policy says so. Errors: already_exists, invalid_argument (name, path,
  /// account, tags), too_large (kMaxUsers, kMaxTags).
  [[nodiscard]] Result<User> create_user(std::string_view account, std::string_view name,
                                         std::string_view path = "/", std::span<const Tag> tags = {});
  /// Errors: not_found.
  [[nodiscard]] Result<User> get_user(std::string_view account, std::string_view name);
  [[nodiscard]] Result<UserPage> list_users(std::string_view account, const UserQuery& query = {});
  /// What is given. Keys and sessions stay, policies too. Errors: no_such_entity, already_exists.
  [[nodiscard]] Answer<void> change_user(std::string_view account, std::string_view name,
                                         std::optional<std::string_view> new_name,
                                         std::optional<std::string_view> new_path);
  /// Ends the sessions that the user made. Errors: no_such_entity, has_keys, has_attachments,
  /// has_inline_policies, has_members (the user is in a group).
  [[nodiscard]] Answer<void> delete_user(std::string_view account, std::string_view name);

  /// The one time that the secret is shown. Errors: not_found (the user), too_large (kMaxKeys).
  [[nodiscard]] Result<Credential> create_access_key(std::string_view account, std::string_view user);
  /// The oldest first. Errors: not_found (the user).
  [[nodiscard]] Result<std::vector<AccessKey>> list_access_keys(std::string_view account,
                                                                std::string_view user);
  /// Of all users and the root.
  [[nodiscard]] Result<std::vector<AccessKey>> list_access_keys(std::string_view account);
  /// A key that becomes inactive ends the sessions that were made with it, for good. Errors: not_found (the
  /// user, or the key among the user's).
  [[nodiscard]] Result<void> update_access_key(std::string_view account, std::string_view user,
                                               std::string_view id, KeyState state);
  /// Ends the sessions that were made with the key, whose id stays known (kMaxGoneKeys). Errors: not_found
  /// (the user, or the key among the user's).
  [[nodiscard]] Result<void> delete_access_key(std::string_view account, std::string_view user,
                                               std::string_view id);

  /// Temporary keys for `principal`. `made_with` is the access key that signed the request for them, with
  /// which they end; empty where that is none of these keys. A session that expired stays known
  /// as such for a day, then as one that is gone; one that ended, as one that is inactive. Errors:
  /// permission_denied (a session makes none, nor does nobody), invalid_argument (a length out of its
  /// bounds), not_found (the user or an active key is gone), too_large (kMaxSessions and its parts).
  [[nodiscard]] Result<Credential> create_session(const Principal& principal,
                                                  std::optional<std::chrono::seconds> length = std::nullopt,
                                                  std::string_view made_with = {});
  /// Of a role that was found to trust who asks. It ends with the role. Errors: role_ended, over_limit
  /// (sessions, tags), invalid (a tag's key twice).
  [[nodiscard]] Answer<Credential> create_role_session(std::string_view account, NewRoleSession wanted);

  /// A user, group or role. Errors: no_such_entity.
  [[nodiscard]] Answer<Entity> find_entity(std::string_view account, const EntityRef& ref);
  [[nodiscard]] Roles& roles() { return *roles_; }
  [[nodiscard]] Groups& groups() { return *groups_; }
  [[nodiscard]] EntityPolicies& entity_policies() { return *entity_policies_; }
  [[nodiscard]] CustomerPolicies& customer_policies() { return *customer_policies_; }
  [[nodiscard]] Tags& tags() { return *tags_; }
  /// What everybody may do, from memory: never blocks on the disk.
  [[nodiscard]] const PolicyBook& policies() const { return book_; }

 private:
  Identities(SecretKeys keys, const Clock& clock, Random& random)
      : keys_(std::move(keys)), clock_(clock), random_(random) {}

  /// A session that is to be kept.
  struct SessionRow {
    Principal principal;
    std::string_view owner;  ///< the id of the user or role that it ends with; of the root the account
    std::chrono::seconds length{0};
    std::string_view made_with = {};
  };
  /// `check` runs in the same transaction, before, with the session's id; its failure is the answer.
  [[nodiscard]] Result<Credential> keep_session(
      const SessionRow& row,
      const std::function<Result<void>(store::Transaction&, std::string_view id)>& check);

  const SecretKeys keys_;
  const Clock& clock_;
  Random& random_;
  // Changed by what runs after a commit, in the order of commits.
  KeyRing ring_;
  PolicyBook book_;
  std::unique_ptr<store::Database> database_;
  std::optional<Roles> roles_;
  std::optional<Groups> groups_;
  std::optional<EntityPolicies> entity_policies_;
  std::optional<CustomerPolicies> customer_policies_;
  std::optional<Tags> tags_;
};

}  // namespace sightline::identity
