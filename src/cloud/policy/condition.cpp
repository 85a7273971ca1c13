#include "cloud/policy/condition.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/base64.h"

namespace sightline::policy {
namespace {

struct NamedOperator {
  std::string_view name;
  Comparison comparison;
  Relation relation = Relation::equal;
  bool negated = false;
};

constexpr NamedOperator kOperators[] = {
    {"StringEquals", Comparison::text},
    {"StringNotEquals", Comparison::text, Relation::equal, true},
    {"StringEqualsIgnoreCase", Comparison::text_ignoring_case},
    {"StringNotEqualsIgnoreCase", Comparison::text_ignoring_case, Relation::equal, true},
    {"StringLike", Comparison::text_like},
    {"StringNotLike", Comparison::text_like, Relation::equal, true},
    {"NumericEquals", Comparison::number},
    {"NumericNotEquals", Comparison::number, Relation::equal, true},
    {"NumericLessThan", Comparison::number, Relation::less},
    {"NumericLessThanEquals", Comparison::number, Relation::less_or_equal},
    {"NumericGreaterThan", Comparison::number, Relation::greater},
    {"NumericGreaterThanEquals", Comparison::number, Relation::greater_or_equal},
    {"DateEquals", Comparison::date},
    {"DateNotEquals", Comparison::date, Relation::equal, true},
    {"DateLessThan", Comparison::date, Relation::less},
    {"DateLessThanEquals", Comparison::date, Relation::less_or_equal},
    {"DateGreaterThan", Comparison::date, Relation::greater},
    {"DateGreaterThanEquals", Comparison::date, Relation::greater_or_equal},
    {"Bool", Comparison::boolean},
    {"BinaryEquals", Comparison::binary},
    {"IpAddress", Comparison::address},
    {"NotIpAddress", Comparison::address, Relation::equal, true},
    {"ArnEquals", Comparison::arn},
    {"ArnNotEquals", Comparison::arn, Relation::equal, true},
    {"ArnLike", Comparison::arn},
    {"ArnNotLike", Comparison::arn, Relation::equal, true},
    {"Null", Comparison::null},
};

}  // namespace

std::optional<ConditionOperator> parse_operator(std::string_view name) {
  ConditionOperator out;
  for (const auto& [prefix, quantifier] : {std::pair("ForAnyValue:", Quantifier::any_value),
                                           std::pair("ForAllValues:", Quantifier::all_values)}) {
    if (!name.starts_with(prefix)) continue;
    name.remove_prefix(std::string_view(prefix).size());
    out.quantifier = quantifier;
    break;
  }
  constexpr std::string_view kIfExists = "IfExists";
  if (name.ends_with(kIfExists)) {
    name.remove_suffix(kIfExists.size());
    out.if_exists = true;
  }
  const auto* const found = std::ranges::find(kOperators, name, &NamedOperator::name);
  if (found == std::end(kOperators)) return std::nullopt;
  out.comparison = found->comparison;
  out.relation = found->relation;
  out.negated = found->negated;
  return out;
}

Condition::Condition(std::string operator_name, const ConditionOperator& what, std::string key,
                     const std::vector<std::string>& values, bool variables)
    : operator_name_(std::move(operator_name)),
      operator_(what),
      key_(std::move(key)),
      lower_key_(to_lower(key_)) {
  values_.reserve(values.size());
  const bool wildcards = what.comparison == Comparison::text_like || what.comparison == Comparison::arn;
  for (const std::string& text : values) {
    const PatternSyntax syntax{wildcards, variables};
    Value value{Pattern(text, syntax), {}, {}};
    if (what.comparison == Comparison::arn) value.arn.emplace(text, syntax, ArnPattern::Short::nothing);
    if (!value.pattern.has_variables()) value.meaning = meaning_of(what.comparison, text);
    values_.push_back(std::move(value));
  }
}

std::vector<std::string> Condition::values() const {
  std::vector<std::string> texts;
  texts.reserve(values_.size());
  for (const Value& value : values_) texts.push_back(value.pattern.text());
  return texts;
}

Condition::Meaning Condition::meaning_of(Comparison comparison, std::string_view text) {
  switch (comparison) {
    case Comparison::number:
      if (const auto number = parse_number(text)) return *number;
      break;
    case Comparison::date:
      if (const auto date = parse_date(text)) return *date;
      break;
    case Comparison::boolean:
    case Comparison::null:
      if (equals_ignoring_case(text, "true")) return true;
      if (equals_ignoring_case(text, "false")) return false;
      break;
    case Comparison::binary:
      if (Bytes bytes; base64_decode(text, bytes)) return bytes;
      break;
    case Comparison::address:
      if (const auto network = parse_network(text)) return *network;
      break;
    case Comparison::text:
    case Comparison::text_ignoring_case:
    case Comparison::text_like:
    case Comparison::arn:
      break;
  }
  return {};
}

bool Condition::compare(const Meaning& seen, const Meaning& wanted) const {
  if (seen.index() != wanted.index()) return false;
  if (const auto* number = std::get_if<double>(&seen)) {
    const double other = std::get<double>(wanted);
    switch (operator_.relation) {
      case Relation::equal:
        return *number == other;
      case Relation::less:
        return *number < other;
      case Relation::less_or_equal:
        return *number <= other;
      case Relation::greater:
        return *number > other;
      case Relation::greater_or_equal:
        return *number >= other;
    }
  }
  if (const auto* truth = std::get_if<bool>(&seen)) return *truth == std::get<bool>(wanted);
  if (const auto* bytes = std::get_if<Bytes>(&seen)) return *bytes == std::get<Bytes>(wanted);
  if (const auto* address = std::get_if<Network>(&seen)) return lies_in(*address, std::get<Network>(wanted));
  return false;
}

bool Condition::matches(std::string_view seen, const Value& wanted, const Keys& keys, Steps& steps) const {
  switch (operator_.comparison) {
    case Comparison::text:
    case Comparison::text_like:
      return wanted.pattern.matches(seen, keys, steps);
    case Comparison::text_ignoring_case: {
      const auto text = wanted.pattern.filled(keys, steps);
      return text && equals_ignoring_case(seen, *text);
    }
    case Comparison::arn:
      return wanted.arn->matches(seen, keys, steps);
    default:
      break;
  }
  if (!steps.take_letters(seen.size())) return false;
  const Meaning meaning = meaning_of(operator_.comparison, seen);
  if (!wanted.pattern.has_variables()) return compare(meaning, wanted.meaning);
  const auto text = wanted.pattern.filled(keys, steps);
  return text && compare(meaning, meaning_of(operator_.comparison, *text));
}

bool Condition::matches_any(std::string_view seen, const Keys& keys, Steps& steps) const {
  if (!steps.take(values_.size())) return false;
  return std::ranges::any_of(values_,
                             [&](const Value& wanted) { return matches(seen, wanted, keys, steps); });
}

bool Condition::null_holds(bool absent, const Keys& keys, Steps& steps) const {
  return std::ranges::any_of(
      values_, [&](const Value& wanted) { return matches(absent ? "true" : "false", wanted, keys, steps); });
}

bool Condition::holds(const Keys& keys, Steps& steps) const {
  const std::vector<std::string>* seen = keys.find(lower_key_);
  const bool absent = seen == nullptr || seen->empty();
  if (operator_.comparison == Comparison::null) return null_holds(absent, keys, steps);
  if (absent) {
    if (operator_.if_exists || operator_.quantifier == Quantifier::all_values) return true;
    return operator_.quantifier == Quantifier::none && operator_.negated;
  }
  const auto fits = [&](const std::string& one) {
    return matches_any(one, keys, steps) != operator_.negated;
  };
  // A negated operator holds where none of the values matches, unless ForAnyValue asks for one that does not.
  if (operator_.quantifier == Quantifier::any_value) return std::ranges::any_of(*seen, fits);
  if (operator_.quantifier == Quantifier::all_values || operator_.negated)
    return std::ranges::all_of(*seen, fits);
  return std::ranges::any_of(*seen, fits);
}

}  // namespace sightline::policy
