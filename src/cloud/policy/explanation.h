#pragma once
// Why a request is allowed or not, statement by statement, as data that commands and answers print.

#include <optional>
#include <string>
#include <vector>

#include "cloud/policy/decision.h"

namespace sightline::policy {

struct ExplainedCondition {
  std::string operator_name;  ///< "StringEquals"
  std::string key;            ///< as the policy writes it
  std::vector<std::string> wanted;
  std::optional<std::vector<std::string>> seen;  ///< nothing where the request has no such key
  bool holds = false;
};

struct ExplainedStatement {
  PolicyType type = PolicyType::identity;
  std::string policy;     ///< its name
  std::string sid;        ///< empty where it has none
  std::size_t index = 0;  ///< in its policy, from 0
  bool allows = false;    ///< else it denies
  StatementMatch match;
  std::vector<std::string> actions;     ///< or what it excepts, where not_action
  std::vector<std::string> resources;   ///< likewise
  std::vector<std::string> principals;  ///< likewise
  bool not_action = false;
  bool not_resource = false;
  bool not_principal = false;
  std::vector<ExplainedCondition> conditions;
};

/// Every statement of every policy, identity policies first, then those of the session and the resource.
/// Takes kMostSteps at most for all of them; what they do not suffice for counts as in a decision.
[[nodiscard]] std::vector<ExplainedStatement> explain(const Request& request, const Policies& policies);

/// What would allow a request.
struct MissingStatement {
  PolicyType type = PolicyType::identity;  ///< of which policy
  std::string statement;                   ///< JSON, the smallest that does
};
/// The statements that a request lacks, one a type; none where it is allowed, or where none helps: an
/// explicit denial, what belongs to AWS.
[[nodiscard]] std::vector<MissingStatement> missing_statements(const Request& request,
                                                               const Policies& policies);

/// In a line for people: "identity-based policy reader, statement 1 (Sid AllowRead): the resource does not
/// match". Control characters are escaped.
[[nodiscard]] std::string describe(const ExplainedStatement& statement);

}  // namespace sightline::policy
