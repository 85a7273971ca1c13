#include "cloud/policy/validation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/ascii.h"
#include "cloud/policy/condition.h"
#include "cloud/policy/principals.h"
#include "cloud/policy/values.h"

namespace sightline::policy {
namespace {

using Type = JsonTree::Type;

constexpr std::size_t kMaxStatements = 1000;
constexpr std::string_view kSyntax = "Syntax errors in policy.";
constexpr std::string_view kLegacy = "The policy failed legacy parsing";
constexpr std::array<std::string_view, 4> kTopNames = {"Version", "Id", "Statement", "Conditions"};
constexpr std::array<std::string_view, 9> kStatementNames = {"Sid",         "Effect",    "Action",
                                                             "NotAction",   "Resource",  "Principal",
                                                             "NotResource", "Condition", "NotPrincipal"};
constexpr std::array<std::string_view, 9> kPartitions = {
    "aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc", "*"};
constexpr std::array<std::string_view, 13> kIamPaths = {"user/",
                                                        "federated-user/",
                                                        "role/",
                                                        "group/",
                                                        "instance-profile/",
                                                        "mfa/",
                                                        "server-certificate/",
                                                        "policy/",
                                                        "sms-mfa/",
                                                        "saml-provider/",
                                                        "oidc-provider/",
                                                        "report/",
                                                        "access-report/"};
/// What of S3's lies in a region.
constexpr std::array<std::string_view, 5> kRegionalS3 = {"accesspoint/", "job/", "storage-lens/",
                                                         "async-request/", "access-grants/"};
constexpr std::array<std::string_view, 11> kTrustActions = {"sts:AssumeRole",
                                                            "sts:AssumeRoleWithSAML",
                                                            "sts:AssumeRoleWithWebIdentity",
                                                            "sts:TagSession",
                                                            "sts:SetSourceIdentity",
                                                            "sts:DecodeAuthorizationMessage",
                                                            "sts:GetAccessKeyInfo",
                                                            "sts:GetCallerIdentity",
                                                            "sts:GetFederationToken",
                                                            "sts:GetServiceBearerToken",
                                                            "sts:GetSessionToken"};

template <std::size_t size>
bool is_one_of(std::string_view text, const std::array<std::string_view, size>& known) {
  return std::ranges::find(known, text) != known.end();
}
template <std::size_t size>
bool starts_with_one_of(std::string_view text, const std::array<std::string_view, size>& known) {
  return std::ranges::any_of(known, [&](std::string_view one) { return text.starts_with(one); });
}

/// Absent, a text, or an array of texts and nulls.
bool is_texts(const JsonTree* member) {
  if (member == nullptr || member->is(Type::string)) return true;
  return member->is(Type::array) && std::ranges::all_of(member->items, [](const JsonTree& one) {
           return one.is(Type::string) || one.is(Type::null);
         });
}

bool is_scalar(const JsonTree& value) {
  return value.is(Type::string) || value.is(Type::boolean) || value.is(Type::number);
}

bool is_condition(const JsonTree& operators) {
  if (!operators.is(Type::object)) return false;
  for (std::size_t i = 0; i < operators.items.size(); ++i) {
    const JsonTree& keys = operators.items[i];
    if (!keys.is(Type::object)) return false;
    if (!keys.items.empty() && !parse_operator(operators.names[i])) return false;
    for (const JsonTree& values : keys.items) {
      if (values.is(Type::array) ? !std::ranges::all_of(values.items, is_scalar) : !is_scalar(values))
        return false;
    }
  }
  return true;
}

bool has_both(const JsonTree& statement, std::string_view name, std::string_view other) {
  return statement.find(name) != nullptr && statement.find(other) != nullptr;
}

/// What IAM calls a syntax error of a statement.
bool is_statement(const JsonTree& statement) {
  if (!statement.is(Type::object)) return false;
  for (const std::string& name : statement.names)
    if (!is_one_of(name, kStatementNames)) return false;
  if (has_both(statement, "Resource", "NotResource") || has_both(statement, "Action", "NotAction") ||
      has_both(statement, "Principal", "NotPrincipal"))
    return false;
  const JsonTree* effect = statement.find("Effect");
  if (effect == nullptr || !effect->is(Type::string)) return false;
  if (!equals_ignoring_case(effect->text, "Allow") && !equals_ignoring_case(effect->text, "Deny"))
    return false;
  for (const std::string_view name : {"Action", "NotAction", "Resource", "NotResource"})
    if (!is_texts(statement.find(name))) return false;
  const JsonTree* sid = statement.find("Sid");
  if (sid != nullptr && !sid->is(Type::string)) return false;
  const JsonTree* condition = statement.find("Condition");
  return condition == nullptr || is_condition(*condition);
}

bool is_version(const JsonTree* version) {
  return version == nullptr ||
         (version->is(Type::string) && (version->text == "2012-10-17" || version->text == "2008-10-17"));
}

bool is_policy(const JsonTree& document) {
  if (!document.is(Type::object)) return false;
  for (const std::string& name : document.names)
    if (!is_one_of(name, kTopNames)) return false;
  if (!is_version(document.find("Version"))) return false;
  const JsonTree* id = document.find("Id");
  if (id != nullptr && !id->is(Type::string)) return false;
  const JsonTree* statements = statements_of(document);
  if (statements == nullptr) return false;
  if (statements->is(Type::object)) return is_statement(*statements);
  return statements->is(Type::array) && !statements->items.empty() &&
         statements->items.size() <= kMaxStatements && std::ranges::all_of(statements->items, is_statement);
}

/// The next part of an ARN, taken off its front.
struct Part {
  std::string_view text;
  bool last = false;  ///< no colon followed
};
Part take_part(std::string_view& rest) {
  const auto colon = rest.find(':');
  const Part part{rest.substr(0, colon), colon == std::string_view::npos};
  rest = part.last ? std::string_view() : rest.substr(colon + 1);
  return part;
}

/// How IAM quotes an ARN of a partition that is none: parts that are missing are stars.
std::string wrong_partition(const Part& partition, std::string_view rest) {
  std::string arn = fmt::format("arn:{}", partition.text);
  bool ended = partition.last || rest.empty();
  for (int i = 0; i < 3; ++i) {
    const Part part = ended ? Part{"*", true} : take_part(rest);
    arn.append(":").append(part.text);
    ended = part.last;
  }
  arn.append(":").append(ended ? "*" : rest);
  return fmt::format("Partition \"{}\" is not valid for resource \"{}\".", partition.text, arn);
}

/// What IAM has against one resource; empty where it has nothing.
std::string resource_fault(std::string_view resource) {
  if (resource == "*") return {};
  std::string_view rest = resource;
  if (take_part(rest).last) return fmt::format("Resource {} must be in ARN format or \"*\".", resource);
  const Part partition = take_part(rest);
  if (!is_one_of(partition.text, kPartitions)) return wrong_partition(partition, rest);
  if (partition.last) return "Resource vendor must be fully qualified and cannot contain regexes.";
  const std::string_view service = take_part(rest).text;
  const Part region = take_part(rest);
  (void)take_part(rest);  // the account
  const bool regional = !region.text.empty() || region.last;
  if (service == "iam" && regional)
    return fmt::format("IAM resource {} cannot contain region information.", resource);
  if (service == "s3" && regional && !starts_with_one_of(rest, kRegionalS3))
    return fmt::format("Resource {} can not contain region information.", resource);
  if (service == "iam" && rest != "root" && !rest.starts_with('*') && !starts_with_one_of(rest, kIamPaths))
    return fmt::format("IAM resource path must either be \"*\" or start with {}.",
                       fmt::join(kIamPaths, ", "));
  return {};
}

/// What IAM's older reader asks of a resource that the newer one took.
bool passes_legacy(std::string_view resource) {
  if (resource.empty() || resource == "*") return true;
  if (std::ranges::count(resource, ':') < 5 && resource.find("::") != std::string_view::npos) return false;
  std::string_view rest = resource;
  (void)take_part(rest);
  (void)take_part(rest);
  return !take_part(rest).text.empty();
}

bool dates_pass_legacy(const JsonTree& statement) {
  const JsonTree* condition = statement.find("Condition");
  if (condition == nullptr) return true;
  bool passes = true;
  for (std::size_t i = 0; i < condition->items.size(); ++i) {
    const auto what = parse_operator(condition->names[i]);
    if (!what || what->comparison != Comparison::date) continue;
    for (const JsonTree& values : condition->items[i].items)
      each_text_of(&values, [&](const std::string& text) {
        const auto date = parse_date(text);
        if (!date && text.find("${") == std::string::npos) passes = false;
      });
  }
  return passes;
}

/// Of all faulty resources IAM names the first in the order of their texts.
std::string resources_fault(const JsonTree& document, std::string& fault) {
  bool passes = true;
  for (const std::string_view name : {"Resource", "NotResource"}) {
    each_statement(document, [&](const JsonTree& statement) {
      const JsonTree* member = statement.find(name);
      std::set<std::string, std::greater<>> texts;
      each_text_of(member, [&](const std::string& text) { texts.insert(text); });
      for (const std::string& text : texts) {
        // In an array an empty text is passed over.
        if (text.empty() && member->is(Type::array)) continue;
        if (std::string found = resource_fault(text); !found.empty()) fault = std::move(found);
      }
      if (!fault.empty()) return;
      for (const std::string& text : texts)
        if (!passes_legacy(text)) passes = false;
    });
  }
  return passes ? std::string() : std::string(kLegacy);
}

std::string action_fault(std::string_view action) {
  const auto colons = std::ranges::count(action, ':');
  if (colons == 0 && action != "*")
    return "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
  if (colons > 1) return "Actions/Condition can contain only one colon.";
  const std::string_view vendor = action.substr(0, action.find(':'));
  const bool valid =
      vendor == "*" || std::ranges::all_of(vendor, [](char c) {
        const char lower = to_lower(c);
        return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
      });
  return valid ? std::string() : fmt::format("Vendor {} is not valid", vendor);
}

std::string actions_fault(const JsonTree& document) {
  std::string fault;
  for (const std::string_view name : {"Action", "NotAction"}) {
    each_statement(document, [&](const JsonTree& statement) {
      each_text_of(statement.find(name), [&](const std::string& action) {
        if (fault.empty()) fault = action_fault(action);
      });
    });
  }
  return fault;
}

/// Whether each statement has one of two members, and something in it.
bool all_have(const JsonTree& document, std::string_view name, std::string_view other) {
  bool all = true;
  each_statement(document, [&](const JsonTree& statement) {
    const JsonTree* member = statement.find(name);
    if (member == nullptr) member = statement.find(other);
    if (member == nullptr || (member->is(Type::array) && member->items.empty())) all = false;
  });
  return all;
}

bool sids_differ(const JsonTree& document) {
  std::set<std::string_view> seen;
  bool differ = true;
  each_statement(document, [&](const JsonTree& statement) {
    const JsonTree* sid = statement.find("Sid");
    if (sid != nullptr && !sid->text.empty() && !seen.insert(sid->text).second) differ = false;
  });
  return differ;
}

/// What all of IAM's kinds ask.
std::string iam_fault(const JsonTree& document, DocumentKind kind) {
  if (!is_policy(document)) return std::string(kSyntax);
  const JsonTree* version = document.find("Version");
  if (kind == DocumentKind::managed && (version == nullptr || version->text != "2012-10-17"))
    return "Policy document must be version 2012-10-17 or greater.";
  bool legacy = true;
  each_statement(document, [&](const JsonTree& statement) {
    const std::string& effect = statement.find("Effect")->text;
    if ((effect != "Allow" && effect != "Deny") || !dates_pass_legacy(statement)) legacy = false;
  });
  if (!legacy) return std::string(kLegacy);
  std::string resources;
  if (std::string fault = resources_fault(document, resources); !fault.empty()) return fault;
  if (!sids_differ(document)) return "Statement IDs (SID) in a single policy must be unique.";
  if (!all_have(document, "Action", "NotAction")) return "Policy statement must contain actions.";
  if (!resources.empty()) return resources;
  return actions_fault(document);
}

std::string identity_fault(const JsonTree& document, DocumentKind kind) {
  if (std::string fault = iam_fault(document, kind); !fault.empty()) return fault;
  bool principals = false;
  each_statement(document, [&](const JsonTree& statement) {
    if (statement.find("Principal") != nullptr || statement.find("NotPrincipal") != nullptr)
      principals = true;
  });
  if (principals) return "Policy document should not specify a principal.";
  if (!all_have(document, "Resource", "NotResource")) return "Policy statement must contain resources.";
  return {};
}

/// The first principal that is none, as AWS quotes it.
std::string principal_fault(const JsonTree& document) {
  std::string fault;
  each_statement(document, [&](const JsonTree& statement) {
    for (const std::string_view name : {"Principal", "NotPrincipal"}) {
      const JsonTree* element = statement.find(name);
      if (element != nullptr && fault.empty()) fault = check_principals(*element);
    }
  });
  return fault;
}

std::string trust_fault(const JsonTree& document) {
  if (std::string fault = iam_fault(document, DocumentKind::trust); !fault.empty()) return fault;
  bool assumes = true;
  bool resources = false;
  bool principals = true;
  each_statement(document, [&](const JsonTree& statement) {
    if (statement.find("Action") == nullptr) assumes = false;
    each_text_of(statement.find("Action"), [&](const std::string& action) {
      if (!is_one_of(action, kTrustActions)) assumes = false;
    });
    if (statement.find("Resource") != nullptr || statement.find("NotResource") != nullptr) resources = true;
    if (statement.find("Principal") == nullptr && statement.find("NotPrincipal") == nullptr)
      principals = false;
  });
  if (!assumes) return std::string(kTrustActionsFault);
  if (resources) return "Has prohibited field Resource";
  if (!principals) return "Missing required field Principal";
  const std::string wrong = principal_fault(document);
  return wrong.empty() ? "" : fmt::format("Invalid principal in policy: {}", wrong);
}

std::string s3_statement_fault(const JsonTree& statement) {
  if (!statement.is(Type::object)) return "Invalid policy syntax.";
  for (const std::string& name : statement.names)
    if (!is_one_of(name, kStatementNames)) return fmt::format("Unknown field {}", name);
  const JsonTree* effect = statement.find("Effect");
  if (effect == nullptr) return "Missing required field Effect";
  if (effect->text != "Allow" && effect->text != "Deny")
    return fmt::format("Invalid effect: {}", effect->text);
  for (const auto& [name, other] : {std::pair("Principal", "NotPrincipal"), std::pair("Action", "NotAction"),
                                    std::pair("Resource", "NotResource")}) {
    if (statement.find(name) == nullptr && statement.find(other) == nullptr)
      return fmt::format("Missing required field {}", name);
    if (has_both(statement, name, other)) return "Invalid policy syntax.";
  }
  for (const std::string_view name : {"Action", "NotAction", "Resource", "NotResource"})
    if (!is_texts(statement.find(name))) return "Invalid policy syntax.";
  for (const std::string_view name : {"Principal", "NotPrincipal"}) {
    const JsonTree* element = statement.find(name);
    if (element != nullptr && !check_principals(*element).empty()) return "Invalid principal in policy";
  }
  std::string fault;
  for (const std::string_view name : {"Action", "NotAction"})
    each_text_of(statement.find(name), [&](const std::string& action) {
      if (!action_fault(action).empty()) fault = "Policy has invalid action";
    });
  for (const std::string_view name : {"Resource", "NotResource"})
    each_text_of(statement.find(name), [&](const std::string& resource) {
      if (fault.empty() && (!resource_fault(resource).empty() || resource.empty()))
        fault = "Policy has invalid resource";
    });
  if (!fault.empty()) return fault;
  if (const JsonTree* condition = statement.find("Condition")) {
    for (const std::string& name : condition->names)
      if (!parse_operator(name)) return fmt::format("Invalid Condition type : {}", name);
    if (!is_condition(*condition)) return "Invalid policy syntax.";
  }
  const JsonTree* sid = statement.find("Sid");
  return sid == nullptr || sid->is(Type::string) ? "" : "Invalid policy syntax.";
}

/// In S3's words.
std::string resource_policy_fault(const JsonTree& document) {
  for (const std::string& name : document.names)
    if (!is_one_of(name, kTopNames)) return fmt::format("Unknown field {}", name);
  if (!is_version(document.find("Version"))) return "The policy must contain a valid version string";
  const JsonTree* id = document.find("Id");
  if (id != nullptr && !id->is(Type::string)) return "Invalid policy syntax.";
  const JsonTree* statements = statements_of(document);
  if (statements == nullptr) return "Missing required field Statement";
  if (statements->is(Type::object)) return s3_statement_fault(*statements);
  if (!statements->is(Type::array) || statements->items.size() > kMaxStatements)
    return "Invalid policy syntax.";
  if (statements->items.empty()) return "Could not parse the policy: Statement is empty!";
  for (const JsonTree& statement : statements->items)
    if (std::string fault = s3_statement_fault(statement); !fault.empty()) return fault;
  return sids_differ(document) ? "" : "Policy has duplicate Sid";
}

}  // namespace

const JsonTree* statements_of(const JsonTree& document) {
  return document.find("Statement");
}

std::string find_fault(const JsonTree* tree, DocumentKind kind) {
  switch (kind) {
    case DocumentKind::resource:
      if (tree == nullptr || !tree->is(Type::object))
        return "Policies must be valid JSON and the first byte must be '{'";
      return resource_policy_fault(*tree);
    case DocumentKind::trust:
      return tree == nullptr ? "This policy contains invalid Json" : trust_fault(*tree);
    case DocumentKind::session:
      return tree == nullptr ? "This policy contains invalid Json" : identity_fault(*tree, kind);
    case DocumentKind::identity:
    case DocumentKind::managed:
      break;
  }
  return tree == nullptr ? std::string(kSyntax) : identity_fault(*tree, kind);
}

}  // namespace sightline::policy
