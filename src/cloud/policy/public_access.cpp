#include "cloud/policy/public_access.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "cloud/policy/values.h"

namespace sightline::policy {
namespace {

/// Who holds one of these is known, where its value is.
constexpr std::array<std::string_view, 10> kFixingKeys = {
    "aws:principalarn",  "aws:principalaccount",     "aws:principalorgid", "aws:sourcearn",
    "aws:sourceaccount", "aws:sourceowner",          "aws:sourcevpc",      "aws:sourcevpce",
    "aws:userid",        "s3:dataaccesspointaccount"};

constexpr std::string_view kAnonymous = "anonymous";  // aws:userid of everyone who signs nothing

// A wider network counts as everyone's.
constexpr unsigned kMapped = 96;  // where IPv4 begins in IPv6
constexpr unsigned kShortestIpv4 = kMapped + 8;
constexpr unsigned kShortestIpv6 = 32;

bool is_fixed(std::string_view value) {
  return !equals_ignoring_case(value, kAnonymous) && !value.empty() &&
         value.find_first_of("*?") == std::string_view::npos && value.find("${") == std::string_view::npos;
}

bool is_narrow(std::string_view value) {
  const auto network = parse_network(value);
  if (!network) return false;
  return network->prefix >= (has_ipv4(*network) ? kShortestIpv4 : kShortestIpv6);
}

/// Whether a condition holds for known callers or networks alone.
bool fixes(const Condition& condition) {
  const auto what = parse_operator(condition.operator_name());
  if (!what || what->negated || what->if_exists || what->quantifier == Quantifier::all_values) return false;
  const std::string key = to_lower(condition.key());
  const std::vector<std::string> values = condition.values();
  if (values.empty()) return false;
  if (what->comparison == Comparison::address)
    return key == "aws:sourceip" && std::ranges::all_of(values, is_narrow);
  const bool compares = what->comparison == Comparison::text || what->comparison == Comparison::text_like ||
                        what->comparison == Comparison::text_ignoring_case ||
                        what->comparison == Comparison::arn;
  return compares && std::ranges::find(kFixingKeys, key) != kFixingKeys.end() &&
         std::ranges::all_of(values, is_fixed);
}

bool is_public(const Statement& statement) {
  if (!statement.allows || !statement.principals) return false;
  if (!statement.not_principal && !statement.principals->everyone()) return false;
  return std::ranges::none_of(statement.conditions, fixes);
}

}  // namespace

bool is_public(const Document& document) {
  return std::ranges::any_of(document.statements(),
                             [](const Statement& statement) { return is_public(statement); });
}

}  // namespace sightline::policy
