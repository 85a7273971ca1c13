#pragma once
// Who may do what, by the policies of users, groups, roles and resources.

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/dispatch/permission.h"
#include "cloud/identity/policy_book.h"
#include "cloud/identity/principal.h"
#include "cloud/policy/decision.h"

namespace sightline::server {

/// What the condition keys with a resource's tags begin with.
inline constexpr std::array<std::string_view, 2> kResourceTagKeys = {"aws:resourcetag/", "iam:resourcetag/"};

/// A request with all that bears on it, gathered from memory. Constant once it is made; `access` and
/// `context` outlive it.
class AccessQuestion {
 public:
  AccessQuestion(const aws::dispatch::AccessRequest& access, const aws::dispatch::Context& context,
                 const identity::PolicyBook& book, const aws::dispatch::ResourcePolicies& resource_policies);
  AccessQuestion(const AccessQuestion&) = delete;
  AccessQuestion& operator=(const AccessQuestion&) = delete;

  [[nodiscard]] const policy::Request& request() const { return request_; }
  [[nodiscard]] const policy::Policies& policies() const { return policies_; }
  /// See aws::dispatch::is_absent_bucket().
  [[nodiscard]] bool of_absent_bucket() const { return of_absent_bucket_; }
  /// The action assumes a role.
  [[nodiscard]] bool assumes_role() const { return assumes_role_; }

 private:
  void gather_policies(const aws::dispatch::Context& context,
                       const std::optional<aws::dispatch::ResourcePolicy>& resource);
  void add_keys(const aws::dispatch::Context& context);
  void add_resource_tags(std::string_view resource, const identity::PolicyBook& book);

  bool assumes_role_ = false;
  bool of_absent_bucket_ = false;
  std::string resource_account_;
  std::optional<policy::Document> resource_document_;
  std::optional<policy::Document> session_document_;
  identity::CallerPolicies caller_;
  std::vector<policy::AttachedPolicy> session_;
  policy::Keys keys_;
  policy::Request request_;
  policy::Policies policies_;
};

/// "User: ARN is not authorized to perform: ..." as most services say it; empty where it is allowed.
[[nodiscard]] std::string refusal_text(const AccessQuestion& question, const policy::Decision& decision);

/// Something that was let pass and would have been refused.
struct RefusedAccess {
  std::string caller;  ///< an ARN, or a service
  std::string action;
  std::string resource;
  std::string closing;  ///< as AWS ends its message
  /// JSON: the statements that would allow it, with the kind of policy they are for. Empty where none does.
  std::string missing;
};
using OnRefusal = std::function<void(const RefusedAccess&)>;

/// Thread-safe once use() has been called; before, it denies everything. Reads no disk.
class PolicyAuthorizer final : public aws::dispatch::Authorizer {
 public:
  /// Policies outlive it. With `on_refusal` policies refuse nothing: it is called instead. Other accounts and
  /// the anonymous stay out all the same, and roles are assumed by those alone whom they trust.
  explicit PolicyAuthorizer(const aws::dispatch::ResourcePolicies& resource_policies,
                            OnRefusal on_refusal = {})
      : resource_policies_(resource_policies), on_refusal_(std::move(on_refusal)) {}
  /// Once, before the first question. It outlives all of them.
  void use(const identity::PolicyBook& book) { book_ = &book; }

  [[nodiscard]] std::optional<aws::dispatch::Denial> deny(
      const aws::dispatch::AccessRequest& access, const aws::dispatch::Context& context) const override;

 private:
  const aws::dispatch::ResourcePolicies& resource_policies_;
  const OnRefusal on_refusal_;
  const identity::PolicyBook* book_ = nullptr;
};

}  // namespace sightline::server
