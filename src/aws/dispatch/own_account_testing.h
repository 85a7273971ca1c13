#pragma once
// An authorizer for tests.

#include "aws/dispatch/permission.h"
#include "aws/dispatch/policy_request.h"
#include "cloud/policy/decision.h"

namespace sightline::aws::dispatch::test {

/// What every user may do here.
inline const policy::Document& policy_of_everything() {
  static const policy::Document kEverything =
      *policy::Document::parse(R"({"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})",
                               policy::DocumentKind::identity, 1000);
  return kEverything;
}

/// A rule without policies of callers: whoever is known may do everything, as far as the
/// resource's own policy lets them; without one, that is what their own account owns. Policies outlive it.
class OwnAccount final : public Authorizer {
 public:
  explicit OwnAccount(const ResourcePolicies& policies) : policies_(policies) {}
  std::optional<Denial> deny(const AccessRequest& access, const Context& context) const override {
    const auto found = resource_policy(policies_, access, context);
    const std::string owner = owner_of(access, found, context.caller);
    const bool own =
        context.caller.kind != identity::PrincipalKind::anonymous && owner == context.caller.account;
    const bool absent = is_absent_bucket(access, found);
    const bool plain = !found || !found->document;
    if (own && plain && !absent) return std::nullopt;
    policy::Keys keys;
    const policy::Request request = policy_request(access, context, owner, keys);
    const policy::AttachedPolicy everything{"", &policy_of_everything()};
    policy::Policies policies{.identity = {&everything, 1}};
    if (!plain) policies.resource = policy::AttachedPolicy{"", &*found->document};
    const policy::Decision decision = policy::decide(request, policies);
    if (decision.allowed() && !absent) return std::nullopt;
    return Denial{policy::closing_words(decision, access.action), absent, !own};
  }

 private:
  const ResourcePolicies& policies_;
};

}  // namespace sightline::aws::dispatch::test
