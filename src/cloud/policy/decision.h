#pragma once
// May this caller do that? AWS's evaluation of identity, session and resource policies, within an account and
// across accounts.
//
// Left out, as none of them can be set here: permission boundaries, policies of organisations, and the
// rules of keys (KMS).

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cloud/policy/document.h"
#include "cloud/policy/request.h"

namespace sightline::policy {

/// A document where it hangs.
struct AttachedPolicy {
  std::string_view name;               ///< of the policy, as answers show it
  const Document* document = nullptr;  ///< never null in what is decided
};

/// All that bears on a request. Texts and documents of others, which must outlive it.
struct Policies {
  std::span<const AttachedPolicy> identity = {};  ///< of the user and its groups, or of the role
  std::span<const AttachedPolicy> session = {};   ///< any of them must allow, where there are any
  std::optional<AttachedPolicy> resource = {};    ///< a role's trust policy where the action assumes it
};

enum class Outcome : std::uint8_t { allowed, explicitly_denied, implicitly_denied };
enum class PolicyType : std::uint8_t { identity, session, resource };

/// "allowed", "explicitDeny", "implicitDeny".
[[nodiscard]] std::string_view name_of(Outcome outcome);
/// "identity-based", "session", "resource-based".
[[nodiscard]] std::string_view name_of(PolicyType type);

/// Points into the policies that it was made from.
struct Decision {
  Outcome outcome = Outcome::implicitly_denied;
  /// Which policies decided; of an implicit denial those that lack a statement. Nothing where no policy
  /// matters: the root in its own account, GetCallerIdentity, what belongs to AWS.
  std::optional<PolicyType> by;
  std::string_view policy;               ///< the deciding policy's name; empty of an implicit denial
  const Statement* statement = nullptr;  ///< the same's statement

  [[nodiscard]] bool allowed() const { return outcome == Outcome::allowed; }
};

/// Thread-safe; takes kMostSteps at most. What they do not suffice for denies: an Allow that is still open
/// does not apply, a Deny does. Allocates only for statements of uncommon length and for keys that are
/// neither text nor ARN.
[[nodiscard]] Decision decide(const Request& request, const Policies& policies);

/// How AWS closes its message: "because no identity-based policy allows the s3:GetObject action", "with an
/// explicit deny in an identity-based policy"; empty where it is allowed.
[[nodiscard]] std::string closing_words(const Decision& decision, std::string_view action);

/// Which parts of a statement match. All do where it applies.
struct StatementMatch {
  bool action = false;
  bool resource = false;
  Closeness principal = Closeness::none;  ///< `itself` where the statement names none
  bool conditions = false;

  [[nodiscard]] bool applies() const {
    return action && resource && principal != Closeness::none && conditions;
  }
};
/// Looks at every part, where decide() stops at the first that does not match. What the steps do not suffice
/// for matches in a Deny, and does not in an Allow.
[[nodiscard]] StatementMatch match_statement(const Statement& statement, DocumentKind kind,
                                             const Request& request, Steps& steps);

}  // namespace sightline::policy
