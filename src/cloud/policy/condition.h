#pragma once
// Conditions of statements: every operator, with IfExists and with ForAllValues and ForAnyValue.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/file.h"
#include "cloud/policy/keys.h"
#include "cloud/policy/pattern.h"
#include "cloud/policy/steps.h"
#include "cloud/policy/values.h"

namespace sightline::policy {

enum class Comparison : std::uint8_t {
  text,
  text_ignoring_case,
  text_like,
  number,
  date,
  boolean,
  binary,
  address,
  arn,
  null
};
enum class Relation : std::uint8_t { equal, less, less_or_equal, greater, greater_or_equal };
enum class Quantifier : std::uint8_t { none, any_value, all_values };

/// "ForAnyValue:StringNotLikeIfExists" taken apart.
struct ConditionOperator {
  Comparison comparison = Comparison::text;
  Relation relation = Relation::equal;
  Quantifier quantifier = Quantifier::none;
  bool negated = false;
  bool if_exists = false;
};
/// Nothing where AWS has no such operator.
[[nodiscard]] std::optional<ConditionOperator> parse_operator(std::string_view name);

/// One key under one operator. Immutable.
class Condition {
 public:
  /// `variables`: of a document of version 2012-10-17.
  Condition(std::string operator_name, const ConditionOperator& what, std::string key,
            const std::vector<std::string>& values, bool variables);

  /// Of no meaning where the steps do not suffice: steps.take_cut() says so.
  [[nodiscard]] bool holds(const Keys& keys, Steps& steps) const;

  [[nodiscard]] const std::string& operator_name() const { return operator_name_; }
  /// As it was written.
  [[nodiscard]] const std::string& key() const { return key_; }
  [[nodiscard]] std::vector<std::string> values() const;
  /// What the request has for the key; null where it has none.
  [[nodiscard]] const std::vector<std::string>* seen(const Keys& keys) const { return keys.find(lower_key_); }

 private:
  /// A text as what the operator compares; nothing where it is none.
  using Meaning = std::variant<std::monostate, double, bool, Bytes, Network>;
  struct Value {
    Pattern pattern;
    Meaning meaning;                ///< of a text without variables
    std::optional<ArnPattern> arn;  ///< of an ARN
  };
  [[nodiscard]] static Meaning meaning_of(Comparison comparison, std::string_view text);
  [[nodiscard]] bool compare(const Meaning& seen, const Meaning& wanted) const;
  [[nodiscard]] bool matches(std::string_view seen, const Value& wanted, const Keys& keys,
                             Steps& steps) const;
  [[nodiscard]] bool matches_any(std::string_view seen, const Keys& keys, Steps& steps) const;
  [[nodiscard]] bool null_holds(bool absent, const Keys& keys, Steps& steps) const;

  std::string operator_name_;
  ConditionOperator operator_;
  std::string key_;
  std::string lower_key_;
  std::vector<Value> values_;
};

}  // namespace sightline::policy
