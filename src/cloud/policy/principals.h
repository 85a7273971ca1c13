#pragma once
// Whom a statement of a resource's policy means.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cloud/policy/json_tree.h"
#include "cloud/policy/request.h"

namespace sightline::policy {

/// How closely a statement names a caller; the closer, the less else must allow. In rising order.
enum class Closeness : std::uint8_t {
  none,
  account,  ///< the account, which may share it out by policies of its own
  source,   ///< the role of a session, or the user behind a federated one
  itself,   ///< the caller, or everyone
};

/// A Principal or NotPrincipal element. Immutable.
class Principals {
 public:
  Principals() = default;
  /// `element` as check_principals() takes it.
  explicit Principals(const JsonTree& element);

  /// Whether it is "*", among others or alone.
  [[nodiscard]] bool everyone() const { return everyone_; }
  [[nodiscard]] Closeness closeness(const Caller& caller) const;
  /// Whether all that AWS knows `caller` by is named: its account, its role and its session. A Deny with
  /// NotPrincipal spares nobody else.
  [[nodiscard]] bool name_fully(const Caller& caller) const;
  /// As written: "AWS:arn:aws:iam::111122223333:root", "*".
  [[nodiscard]] std::vector<std::string> texts() const;

 private:
  [[nodiscard]] bool names(std::string_view arn, std::string_view id) const;
  [[nodiscard]] bool names_account(const Caller& caller) const;

  bool everyone_ = false;
  std::vector<std::string> accounts_;
  std::vector<std::string> others_;  ///< ARNs and ids
  std::vector<std::string> services_;
  std::vector<std::string> federated_;
  std::vector<std::string> canonical_;
};

/// What of an element is no principal, as AWS's messages quote it: "\"AWS\":\"someone\""; empty where all is
/// well.
[[nodiscard]] std::string check_principals(const JsonTree& element);

}  // namespace sightline::policy
