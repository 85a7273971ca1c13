#include "cloud/policy/condition.h"

#include <gtest/gtest.h>

namespace sightline::policy {
namespace {

using Texts = std::vector<std::string>;

/// A condition on the key "k", which the request has with `seen`.
bool holds(const char* operator_name, const Texts& wanted, const Texts& seen) {
  Keys keys;
  keys.set("k", seen);
  keys.set("aws:username", "anna");
  Steps steps;
  return Condition(operator_name, parse_operator(operator_name).value(), "K", wanted, true)
      .holds(keys, steps);
}

bool holds_without(const char* operator_name, const Texts& wanted) {
  Steps steps;
  return Condition(operator_name, parse_operator(operator_name).value(), "K", wanted, true).holds({}, steps);
}

TEST(Condition, Texts) {
  EXPECT_TRUE(holds("StringEquals", {"a", "b"}, {"b"}));
  EXPECT_FALSE(holds("StringEquals", {"a"}, {"A"}));
  EXPECT_FALSE(holds("StringEquals", {"*"}, {"A"}));
  EXPECT_TRUE(holds("StringEquals", {"${aws:username}"}, {"anna"}));
  EXPECT_FALSE(holds("StringNotEquals", {"a", "b"}, {"b"}));
  EXPECT_TRUE(holds("StringNotEquals", {"a", "b"}, {"c"}));
  EXPECT_TRUE(holds("StringEqualsIgnoreCase", {"Anna"}, {"aNNA"}));
  EXPECT_TRUE(holds("StringEqualsIgnoreCase", {"${aws:username}"}, {"aNNA"}));
  EXPECT_FALSE(holds("StringNotEqualsIgnoreCase", {"Anna"}, {"aNNA"}));
  EXPECT_TRUE(holds("StringLike", {"home/*/?"}, {"home/a/b"}));
  EXPECT_TRUE(holds("StringLike", {"", "home/"}, {""}));
  EXPECT_FALSE(holds("StringNotLike", {"home/*"}, {"home/a"}));
  // What looks alike is not alike: a Cyrillic a, a fullwidth s, the sign for kelvin.
  EXPECT_FALSE(holds("StringEqualsIgnoreCase", {"anna"}, {"\xD0\xB0nna"}));
  EXPECT_FALSE(holds("StringEqualsIgnoreCase", {"s"}, {"\xEF\xBD\x93"}));
  EXPECT_FALSE(holds("StringEqualsIgnoreCase", {"k"}, {"\xE2\x84\xAA"}));
}

TEST(Condition, NumbersAndDates) {
  EXPECT_TRUE(holds("NumericEquals", {"10"}, {"10.0"}));
  EXPECT_TRUE(holds("NumericNotEquals", {"10"}, {"11"}));
  EXPECT_TRUE(holds("NumericLessThan", {"10"}, {"9"}));
  EXPECT_FALSE(holds("NumericLessThan", {"10"}, {"10"}));
  EXPECT_TRUE(holds("NumericLessThanEquals", {"10"}, {"10"}));
  EXPECT_TRUE(holds("NumericGreaterThan", {"9"}, {"10"}));
  EXPECT_TRUE(holds("NumericGreaterThanEquals", {"10"}, {"10"}));
  EXPECT_FALSE(holds("NumericLessThan", {"10"}, {"few"}));
  EXPECT_FALSE(holds("NumericLessThan", {"many"}, {"1"}));
  EXPECT_TRUE(holds("DateLessThan", {"2020-01-01"}, {"2019-12-31T23:59:59Z"}));
  EXPECT_TRUE(holds("DateGreaterThanEquals", {"2020-01-01T00:00:00Z"}, {"1577836800"}));
  EXPECT_TRUE(holds("DateNotEquals", {"2020-01-01"}, {"2020-01-02"}));
}

TEST(Condition, BooleansBytesAddressesAndArns) {
  EXPECT_TRUE(holds("Bool", {"TRUE"}, {"true"}));
  EXPECT_FALSE(holds("Bool", {"true"}, {"false"}));
  EXPECT_FALSE(holds("Bool", {"yes"}, {"yes"}));
  EXPECT_TRUE(holds("BinaryEquals", {"QmluYXJ5"}, {"QmluYXJ5"}));
  EXPECT_FALSE(holds("BinaryEquals", {"QmluYXJ5"}, {"QmluYXJ6"}));
  EXPECT_TRUE(holds("IpAddress", {"10.0.0.0/8", "2001:db8::/32"}, {"2001:db8::1"}));
  EXPECT_FALSE(holds("NotIpAddress", {"10.0.0.0/8"}, {"10.1.1.1"}));
  EXPECT_TRUE(holds("NotIpAddress", {"10.0.0.0/8"}, {"11.1.1.1"}));
  for (const char* name : {"ArnEquals", "ArnLike"}) {
    EXPECT_TRUE(holds(name, {"arn:aws:sns:*:*:alerts-?"}, {"arn:aws:sns:eu-west-1:111122223333:alerts-1"}))
        << name;
    EXPECT_FALSE(holds(name, {"arn:aws:sns:*:alerts"}, {"arn:aws:sns:eu-west-1:111122223333:alerts"}))
        << name;
    EXPECT_FALSE(holds(name, {"arn:aws:sns:*:*:*"}, {"alerts"})) << name;
  }
  EXPECT_TRUE(holds("ArnNotLike", {"arn:aws:sns:*:*:*"}, {"arn:aws:sqs:eu-west-1:111122223333:q"}));
}

TEST(Condition, AbsentKeys) {
  EXPECT_FALSE(holds_without("StringEquals", {"a"}));
  EXPECT_FALSE(holds_without("StringLike", {"*"}));
  EXPECT_TRUE(holds_without("StringNotEquals", {"a"}));
  EXPECT_TRUE(holds_without("NotIpAddress", {"10.0.0.0/8"}));
  EXPECT_FALSE(holds_without("Bool", {"false"}));
  EXPECT_TRUE(holds_without("StringEqualsIfExists", {"a"}));
  EXPECT_FALSE(holds("StringEqualsIfExists", {"a"}, {"b"}));
  EXPECT_TRUE(holds_without("Null", {"true"}));
  EXPECT_FALSE(holds_without("Null", {"false"}));
  EXPECT_TRUE(holds("Null", {"false"}, {"a"}));
  EXPECT_TRUE(holds("Null", {"true"}, {}));
}

TEST(Condition, QuantifiersOverSeveralValues) {
  EXPECT_TRUE(holds("ForAllValues:StringEquals", {"a", "b"}, {"b", "a"}));
  EXPECT_FALSE(holds("ForAllValues:StringEquals", {"a", "b"}, {"a", "c"}));
  EXPECT_TRUE(holds_without("ForAllValues:StringEquals", {"a"}));
  EXPECT_TRUE(holds("ForAllValues:StringNotEquals", {"a"}, {"b", "c"}));
  EXPECT_FALSE(holds("ForAllValues:StringNotEquals", {"a"}, {"b", "a"}));
  EXPECT_TRUE(holds("ForAnyValue:StringEquals", {"a", "b"}, {"c", "b"}));
  EXPECT_FALSE(holds("ForAnyValue:StringEquals", {"a", "b"}, {"c"}));
  EXPECT_FALSE(holds_without("ForAnyValue:StringEquals", {"a"}));
  EXPECT_FALSE(holds_without("ForAnyValue:StringNotEquals", {"a"}));
  EXPECT_TRUE(holds_without("ForAnyValue:StringEqualsIfExists", {"a"}));
  EXPECT_TRUE(holds("ForAnyValue:StringNotEquals", {"a"}, {"a", "b"}));
  EXPECT_FALSE(holds("StringNotEquals", {"a"}, {"a", "b"}));
}

TEST(Condition, AVariableWithoutValueEqualsNothing) {
  EXPECT_FALSE(holds("StringEquals", {"${aws:PrincipalTag/team}"}, {"${aws:PrincipalTag/team}"}));
  EXPECT_TRUE(holds("StringNotEquals", {"${aws:PrincipalTag/team}"}, {"blue"}));
  EXPECT_TRUE(holds("StringEquals", {"${aws:PrincipalTag/team, 'all'}"}, {"all"}));
}

TEST(Condition, WhatIsNoOperator) {
  for (const char* name : {"", "stringequals", "StringEqualsIfExistsIfExists", "ForAnyValue::StringEquals",
                           "ForAnyValue:", "ForAllValues:ForAnyValue:StringEquals", "StringMatches"})
    EXPECT_FALSE(parse_operator(name)) << name;
}

}  // namespace
}  // namespace sightline::policy
