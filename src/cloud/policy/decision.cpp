#include "cloud/policy/decision.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"

namespace sightline::policy {
namespace {

/// A request with what is asked for often made once.
struct Question {
  const Request& request;
  std::string action;  ///< in lower case
};

/// What has remained open denies.
bool settle(bool matches, const Statement& statement, Steps& steps) {
  return steps.take_cut() ? !statement.allows : matches;
}

bool action_matches(const Statement& statement, const Question& question, Steps& steps) {
  const bool named = std::ranges::any_of(statement.actions, [&](const Pattern& action) {
    return action.matches(question.action, *question.request.keys, steps);
  });
  return settle(named != statement.not_action, statement, steps);
}

bool resource_matches(const Statement& statement, DocumentKind kind, const Request& request, Steps& steps) {
  if (kind == DocumentKind::trust) return true;
  const bool named = std::ranges::any_of(statement.resources, [&](const ArnPattern& resource) {
    return resource.matches(request.resource, *request.keys, steps);
  });
  return settle(named != statement.not_resource, statement, steps);
}

/// What a policy of an identity names no principal for, everyone who has it is meant.
Closeness principal_closeness(const Statement& statement, DocumentKind kind, const Caller& caller) {
  if (kind != DocumentKind::resource && kind != DocumentKind::trust) return Closeness::itself;
  if (!statement.principals) return Closeness::none;
  const Principals& principals = *statement.principals;
  if (!statement.not_principal) return principals.closeness(caller);
  // Who is named by any of its names is not allowed; only who is named by all of them is spared.
  const bool excepted =
      statement.allows ? principals.closeness(caller) != Closeness::none : principals.name_fully(caller);
  return excepted ? Closeness::none : Closeness::itself;
}

bool conditions_hold(const Statement& statement, const Keys& keys, Steps& steps) {
  return std::ranges::all_of(statement.conditions, [&](const Condition& condition) {
    return settle(condition.holds(keys, steps), statement, steps);
  });
}

/// Of policies of one type: who denies, who allows most closely.
struct Verdict {
  const AttachedPolicy* policy = nullptr;
  const Statement* statement = nullptr;
  bool denied = false;
  Closeness allowed = Closeness::none;
};

void look_through(const AttachedPolicy& policy, const Question& question, Steps& steps, Verdict& verdict) {
  const DocumentKind kind = policy.document->kind();
  for (const Statement& statement : policy.document->statements()) {
    if (!action_matches(statement, question, steps)) continue;
    const Closeness principal = principal_closeness(statement, kind, question.request.caller);
    if (principal == Closeness::none) continue;
    if (statement.allows && principal <= verdict.allowed) continue;
    if (!resource_matches(statement, kind, question.request, steps)) continue;
    if (!conditions_hold(statement, *question.request.keys, steps)) continue;
    verdict.policy = &policy;
    verdict.statement = &statement;
    if (!statement.allows) {
      verdict.denied = true;
      return;
    }
    verdict.allowed = principal;
  }
}

Verdict look_through(std::span<const AttachedPolicy> policies, const Question& question, Steps& steps) {
  Verdict verdict;
  for (const AttachedPolicy& policy : policies) {
    look_through(policy, question, steps, verdict);
    if (verdict.denied) break;
  }
  return verdict;
}

Decision settled(Outcome outcome, PolicyType by, const Verdict& verdict) {
  return {outcome, by, verdict.policy->name, verdict.statement};
}

Decision lacking(PolicyType type) {
  return {Outcome::implicitly_denied, type, {}, nullptr};
}

/// What belongs to AWS and no account may change, whatever its policies say.
bool belongs_to_aws(std::string_view action, std::string_view resource) {
  static constexpr std::array<std::string_view, 7> kOfPolicies = {
      "iam:createpolicy",        "iam:createpolicyversion",     "iam:deletepolicy",
      "iam:deletepolicyversion", "iam:setdefaultpolicyversion", "iam:tagpolicy",
      "iam:untagpolicy"};
  static constexpr std::array<std::string_view, 16> kOfRoles = {"iam:attachrolepolicy",
                                                                "iam:createrole",
                                                                "iam:createservicelinkedrole",
                                                                "iam:deleterole",
                                                                "iam:deleterolepermissionsboundary",
                                                                "iam:deleterolepolicy",
                                                                "iam:deleteservicelinkedrole",
                                                                "iam:detachrolepolicy",
                                                                "iam:passrole",
                                                                "iam:putrolepermissionsboundary",
                                                                "iam:putrolepolicy",
                                                                "iam:tagrole",
                                                                "iam:untagrole",
                                                                "iam:updateassumerolepolicy",
                                                                "iam:updaterole",
                                                                "iam:updateroledescription"};
  if (!action.starts_with("iam:")) return false;
  const auto parts = split_arn(resource);
  if (!parts || (*parts)[2] != "iam") return false;
  const auto is_in = [&](const auto& actions) { return std::ranges::find(actions, action) != actions.end(); };
  if ((*parts)[4] == "aws" && (*parts)[5].starts_with("policy/")) return is_in(kOfPolicies);
  return (*parts)[5].starts_with("role/aws-reserved/") && is_in(kOfRoles);
}

/// What the root of a bucket's account may do whatever the bucket's policy says, or a slip would lock it for
/// ever.
bool is_kept_for_root(std::string_view action, const Request& request) {
  return request.caller.kind == CallerKind::root && request.caller.account == request.resource_account &&
         (action == "s3:getbucketpolicy" || action == "s3:putbucketpolicy" ||
          action == "s3:deletebucketpolicy");
}

bool is_anonymous_kind(CallerKind kind) {
  return kind == CallerKind::anonymous || kind == CallerKind::service || kind == CallerKind::federated;
}

/// Where nothing denies.
Decision find_permission(const Request& request, const Policies& policies, const Verdict& identity,
                         const Verdict& session, const Verdict& resource) {
  const Caller& caller = request.caller;
  if (is_anonymous_kind(caller.kind)) {
    return resource.allowed == Closeness::itself ? settled(Outcome::allowed, PolicyType::resource, resource)
                                                 : lacking(PolicyType::resource);
  }
  const bool session_allows = policies.session.empty() || session.allowed != Closeness::none;
  const bool root = caller.kind == CallerKind::root;
  const bool identity_allows = root || identity.allowed != Closeness::none;
  const bool same_account = caller.account == request.resource_account;
  // Roles trust nobody unasked, not even their own account.
  const bool trust = policies.resource && policies.resource->document->kind() == DocumentKind::trust;
  if (same_account) {
    // Who is named itself needs nothing else; a role that is named is still held by its session's policies.
    if (resource.allowed == Closeness::itself || (resource.allowed == Closeness::source && session_allows))
      return settled(Outcome::allowed, PolicyType::resource, resource);
  }
  const bool resource_allows = resource.allowed != Closeness::none || (same_account && !trust);
  if (!identity_allows && resource.allowed != Closeness::source) return lacking(PolicyType::identity);
  if (!session_allows) return lacking(PolicyType::session);
  if (!identity_allows) return lacking(PolicyType::identity);
  if (!resource_allows) return lacking(PolicyType::resource);
  if (root) return {Outcome::allowed, {}, {}, nullptr};
  return settled(Outcome::allowed, PolicyType::identity, identity);
}

}  // namespace

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::allowed:
      return "allowed";
    case Outcome::explicitly_denied:
      return "explicitDeny";
    case Outcome::implicitly_denied:
      break;
  }
  return "implicitDeny";
}

std::string_view name_of(PolicyType type) {
  switch (type) {
    case PolicyType::identity:
      return "identity-based";
    case PolicyType::session:
      return "session";
    case PolicyType::resource:
      break;
  }
  return "resource-based";
}

Decision decide(const Request& request, const Policies& policies) {
  const Question question{request, to_lower(request.action)};
  if (question.action == "sts:getcalleridentity" && request.caller.kind != CallerKind::anonymous)
    return {Outcome::allowed, {}, {}, nullptr};
  Steps steps;
  const Verdict identity = look_through(policies.identity, question, steps);
  if (identity.denied) return settled(Outcome::explicitly_denied, PolicyType::identity, identity);
  const Verdict session = look_through(policies.session, question, steps);
  if (session.denied) return settled(Outcome::explicitly_denied, PolicyType::session, session);
  Verdict resource;
  if (policies.resource) resource = look_through({&*policies.resource, 1}, question, steps);
  if (resource.denied && !is_kept_for_root(question.action, request))
    return settled(Outcome::explicitly_denied, PolicyType::resource, resource);
  if (belongs_to_aws(question.action, request.resource)) return {};
  // A role without a trust policy can be assumed by nobody.
  if (question.action.starts_with("sts:assumerole") && !policies.resource)
    return lacking(PolicyType::resource);
  return find_permission(request, policies, identity, session, resource);
}

std::string closing_words(const Decision& decision, std::string_view action) {
  if (decision.allowed()) return {};
  const PolicyType by = decision.by.value_or(PolicyType::identity);
  if (decision.outcome == Outcome::implicitly_denied)
    return fmt::format("because no {} policy allows the {} action", name_of(by), action);
  return fmt::format("with an explicit deny in {} {} policy", by == PolicyType::identity ? "an" : "a",
                     name_of(by));
}

StatementMatch match_statement(const Statement& statement, DocumentKind kind, const Request& request,
                               Steps& steps) {
  const Question question{request, to_lower(request.action)};
  return {action_matches(statement, question, steps), resource_matches(statement, kind, request, steps),
          principal_closeness(statement, kind, request.caller),
          conditions_hold(statement, *request.keys, steps)};
}

}  // namespace sightline::policy
