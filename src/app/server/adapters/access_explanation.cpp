#include "app/server/adapters/access_explanation.h"

#include <algorithm>

#include "app/server/adapters/policy_authorizer.h"
#include "base/ascii.h"
#include "cloud/identity/principal_lookup.h"
#include "cloud/policy/explanation.h"

namespace sightline::server {

using aws::admin::AccessExplanation;

namespace {

/// Another account's resource keeps its tags to itself.
void hide_tags(policy::ExplainedStatement& statement) {
  for (policy::ExplainedCondition& condition : statement.conditions) {
    const std::string key = to_lower(condition.key);
    const bool of_resource = std::ranges::any_of(
        kResourceTagKeys, [&](std::string_view prefix) { return key.starts_with(prefix); });
    if (of_resource) condition.seen = {"what another account keeps to itself"};
  }
}

}  // namespace

AccessExplanation explain_access(const aws::dispatch::AccessRequest& access,
                                 const aws::dispatch::Context& context, const identity::PolicyBook& book,
                                 const aws::dispatch::ResourcePolicies& resource_policies) {
  const AccessQuestion question(access, context, book, resource_policies);
  const policy::Request& request = question.request();
  policy::Policies policies = question.policies();
  policy::Decision decision = decide(request, policies);
  const bool allowed = decision.allowed();
  const bool foreign = request.resource_account != context.caller.account;
  if (foreign) {
    policies.resource.reset();
    if (!allowed) decision = decide(request, policies);
  }
  AccessExplanation explanation;
  explanation.decision = name_of(decision.outcome);
  explanation.message = refusal_text(question, decision);
  if (allowed && question.of_absent_bucket()) {
    explanation.decision = name_of(policy::Outcome::implicitly_denied);
    explanation.message = "The specified bucket does not exist";
  }
  for (policy::ExplainedStatement& statement : explain(request, policies)) {
    if (foreign) hide_tags(statement);
    explanation.statements.push_back(describe(statement));
  }
  if (allowed) return explanation;
  for (policy::MissingStatement& missing : missing_statements(request, policies))
    explanation.missing.emplace_back(name_of(missing.type), std::move(missing.statement));
  return explanation;
}

Result<AccessExplanation> explain_access_of(const std::string& principal,
                                            const aws::dispatch::AccessRequest& access,
                                            const aws::dispatch::Context& context,
                                            identity::Identities& identities,
                                            const aws::dispatch::ResourcePolicies& policies) {
  aws::dispatch::Context as = context;
  if (!principal.empty()) {
    auto found = identity::find_principal(identities, context.caller.account, principal);
    if (!found && found.error().problem != identity::Problem::storage)
      return fail(ErrorKind::not_found, found.error().error.message);
    if (!found) return std::unexpected(std::move(found).error().error);
    as.caller = *std::move(found);
    // Where the other one's requests come from is not known: --with says it.
    as.source_ip.clear();
    as.user_agent.clear();
  }
  return explain_access(access, as, identities.policies(), policies);
}

}  // namespace sightline::server
