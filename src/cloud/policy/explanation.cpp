#include "cloud/policy/explanation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "base/utf8.h"

namespace sightline::policy {
namespace {

namespace json = boost::json;

ExplainedStatement explain_statement(PolicyType type, const AttachedPolicy& policy,
                                     const Statement& statement, const Request& request, Steps& steps) {
  ExplainedStatement out;
  out.type = type;
  out.policy = policy.name;
  out.sid = statement.sid;
  out.index = statement.index;
  out.allows = statement.allows;
  out.match = match_statement(statement, policy.document->kind(), request, steps);
  out.not_action = statement.not_action;
  out.not_resource = statement.not_resource;
  out.not_principal = statement.not_principal;
  out.actions.reserve(statement.actions.size());
  out.resources.reserve(statement.resources.size());
  out.conditions.reserve(statement.conditions.size());
  for (const Pattern& action : statement.actions) out.actions.push_back(action.text());
  for (const ArnPattern& resource : statement.resources) out.resources.push_back(resource.text());
  if (statement.principals) out.principals = statement.principals->texts();
  for (const Condition& condition : statement.conditions) {
    const auto* seen = condition.seen(*request.keys);
    const bool holds = condition.holds(*request.keys, steps);
    out.conditions.push_back({condition.operator_name(), condition.key(), condition.values(),
                              seen == nullptr ? std::nullopt : std::optional(*seen),
                              steps.take_cut() ? !statement.allows : holds});
  }
  return out;
}

/// Wildcards and variables of a resource's name are characters in a statement that names it.
std::string escaped(std::string_view resource) {
  // "*" and "arn:aws:s3:::*" mean everything in requests too.
  if (resource == "*" || resource.ends_with(":*")) return std::string(resource);
  std::string out;
  for (const char c : resource) {
    if (c == '*' || c == '?' || c == '$')
      out.append("${").append(1, c).append("}");
    else
      out += c;
  }
  return out;
}

json::value principal_of(const Caller& caller) {
  switch (caller.kind) {
    case CallerKind::anonymous:
      return "*";
    case CallerKind::service:
      return json::object{{"Service", caller.service}};
    case CallerKind::federated:
      return json::object{{"Federated", caller.service}};
    case CallerKind::session:
      return json::object{{"AWS", caller.source_arn}};
    default:
      return json::object{{"AWS", caller.arn}};
  }
}

MissingStatement smallest(PolicyType type, const Request& request, bool trust) {
  json::object statement{{"Effect", "Allow"}};
  if (type == PolicyType::resource) statement["Principal"] = principal_of(request.caller);
  statement["Action"] = request.action;
  if (!trust) statement["Resource"] = escaped(request.resource);
  return {type, json::serialize(statement)};
}

/// A document of one statement, as an account would write it.
Answer<Document> document_of(const MissingStatement& missing, bool trust) {
  const DocumentKind kind = trust                                  ? DocumentKind::trust
                            : missing.type == PolicyType::resource ? DocumentKind::resource
                            : missing.type == PolicyType::session  ? DocumentKind::session
                                                                   : DocumentKind::identity;
  return Document::parse(fmt::format(R"({{"Version":"2012-10-17","Statement":[{}]}})", missing.statement),
                         kind, static_cast<std::size_t>(-1));
}

}  // namespace

std::vector<ExplainedStatement> explain(const Request& request, const Policies& policies) {
  std::vector<ExplainedStatement> all;
  Steps steps;
  const auto add = [&](PolicyType type, const AttachedPolicy& policy) {
    for (const Statement& statement : policy.document->statements())
      all.push_back(explain_statement(type, policy, statement, request, steps));
  };
  for (const AttachedPolicy& policy : policies.identity) add(PolicyType::identity, policy);
  for (const AttachedPolicy& policy : policies.session) add(PolicyType::session, policy);
  if (policies.resource) add(PolicyType::resource, *policies.resource);
  return all;
}

std::vector<MissingStatement> missing_statements(const Request& request, const Policies& policies) {
  std::vector<MissingStatement> missing;
  std::vector<AttachedPolicy> identity(policies.identity.begin(), policies.identity.end());
  std::vector<AttachedPolicy> session(policies.session.begin(), policies.session.end());
  Policies tried{identity, session, policies.resource};
  const bool assumes = request.action.starts_with("sts:AssumeRole");
  std::vector<Document> added;
  added.reserve(3);
  for (Decision decision = decide(request, tried); !decision.allowed(); decision = decide(request, tried)) {
    if (decision.outcome == Outcome::explicitly_denied || !decision.by || missing.size() == 3) return {};
    const bool trust = assumes && *decision.by == PolicyType::resource;
    MissingStatement next = smallest(*decision.by, request, trust);
    auto document = document_of(next, trust);
    if (!document) return {};
    const AttachedPolicy policy{"", &added.emplace_back(std::move(*document))};
    missing.push_back(std::move(next));
    if (*decision.by == PolicyType::identity) identity.push_back(policy);
    if (*decision.by == PolicyType::session) session.push_back(policy);
    // What the resource's policy denies has been found before; what it allows does not suffice.
    if (*decision.by == PolicyType::resource) tried.resource = policy;
    tried.identity = identity;
    tried.session = session;
  }
  return missing;
}

std::string describe(const ExplainedStatement& statement) {
  std::string out = fmt::format("{} policy {}, statement {}", name_of(statement.type), statement.policy,
                                statement.index + 1);
  if (!statement.sid.empty()) out += fmt::format(" (Sid {})", statement.sid);
  if (statement.match.applies()) return printable(out + (statement.allows ? ": allows" : ": denies"));
  std::vector<std::string> reasons;
  if (!statement.match.action) reasons.emplace_back("the action does not match");
  if (!statement.match.resource) reasons.emplace_back("the resource does not match");
  if (statement.match.principal == Closeness::none) reasons.emplace_back("the caller does not match");
  for (const ExplainedCondition& condition : statement.conditions) {
    if (condition.holds) continue;
    reasons.push_back(fmt::format(
        "{} of {} does not hold: it wants {}, the request has {}", condition.operator_name, condition.key,
        fmt::join(condition.wanted, " or "),
        condition.seen ? fmt::format("{}", fmt::join(*condition.seen, ", ")) : std::string("none")));
  }
  return printable(fmt::format("{}: {}", out, fmt::join(reasons, "; ")));
}

}  // namespace sightline::policy
