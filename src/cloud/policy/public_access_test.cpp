#include "cloud/policy/public_access.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "cloud/policy/policy_test_requests.h"

namespace sightline::policy {
namespace {

bool is_public_with(std::string_view principal, std::string_view condition = {},
                    std::string_view effect = "Allow") {
  return is_public(test::read(
      fmt::format(R"({{"Effect":"{}",{},"Action":"s3:GetObject","Resource":"arn:aws:s3:::pictures/*"{}{}}})",
                  effect, principal, condition.empty() ? "" : R"(,"Condition":)", condition),
      DocumentKind::resource));
}

constexpr std::string_view kEveryone = R"("Principal":"*")";

TEST(IsPublic, WhatEveryoneMayDo) {
  EXPECT_TRUE(is_public_with(kEveryone));
  EXPECT_TRUE(is_public_with(R"("Principal":{"AWS":"*"})"));
  EXPECT_TRUE(is_public_with(R"("Principal":{"AWS":["111122223333","*"]})"));
  EXPECT_TRUE(is_public_with(R"("NotPrincipal":{"AWS":"111122223333"})"));
  EXPECT_FALSE(is_public_with(R"("Principal":{"AWS":"111122223333"})"));
  EXPECT_FALSE(is_public_with(R"("Principal":{"Service":"lambda.amazonaws.com"})"));
  EXPECT_FALSE(is_public_with(kEveryone, {}, "Deny"));
}

TEST(IsPublic, AConditionOnFixedCallersKeepsItPrivate) {
  const auto with = [](std::string_view condition) { return is_public_with(kEveryone, condition); };
  EXPECT_FALSE(with(R"({"StringEquals":{"aws:SourceAccount":"111122223333"}})"));
  EXPECT_FALSE(with(R"({"ArnLike":{"aws:SourceArn":"arn:aws:sns:us-east-1:111122223333:t"}})"));
  EXPECT_TRUE(with(R"({"StringLike":{"aws:SourceAccount":"1111*"}})"));
  EXPECT_TRUE(with(R"({"StringEquals":{"aws:SourceAccount":"${aws:PrincipalAccount}"}})"));
  EXPECT_TRUE(with(R"({"StringEqualsIfExists":{"aws:SourceAccount":"111122223333"}})"));
  EXPECT_TRUE(with(R"({"StringNotEquals":{"aws:SourceAccount":"111122223333"}})"));
  EXPECT_TRUE(with(R"({"ForAllValues:StringEquals":{"aws:SourceAccount":"111122223333"}})"));
  EXPECT_TRUE(with(R"({"StringEquals":{"aws:Referer":"https://example.com/"}})"));
  EXPECT_TRUE(with(R"({"Bool":{"aws:SecureTransport":"true"}})"));
  EXPECT_FALSE(with(R"({"StringEquals":{"aws:userid":"AIDAEXAMPLE"}})"));
  // As unsigned requests say it.
  EXPECT_TRUE(with(R"({"StringEquals":{"aws:userid":"anonymous"}})"));
  EXPECT_TRUE(with(R"({"StringEqualsIgnoreCase":{"aws:userid":["AIDAEXAMPLE","Anonymous"]}})"));
}

TEST(IsPublic, ANetworkIsPrivateIfItIsNarrow) {
  const auto from = [](std::string_view networks) {
    return is_public_with(kEveryone, fmt::format(R"({{"IpAddress":{{"aws:SourceIp":[{}]}}}})", networks));
  };
  EXPECT_FALSE(from(R"("203.0.113.0/24")"));
  EXPECT_FALSE(from(R"("10.0.0.0/8","2001:db8::/32")"));
  EXPECT_TRUE(from(R"("0.0.0.0/0")"));
  EXPECT_TRUE(from(R"("203.0.113.0/24","0.0.0.0/1")"));
  EXPECT_TRUE(from(R"("2000::/3")"));
  // IPv4 as IPv6 writes it, and what contains all of it.
  EXPECT_TRUE(from(R"("::ffff:0:0/96")"));
  EXPECT_TRUE(from(R"("::ffff:0:0/97")"));
  EXPECT_TRUE(from(R"("::ffff:128.0.0.0/103")"));
  EXPECT_FALSE(from(R"("::ffff:10.0.0.0/104")"));
  EXPECT_FALSE(from(R"("::ffff:203.0.113.9")"));
  EXPECT_TRUE(from(R"("::/32")"));
  EXPECT_TRUE(from(R"("::ffff:0:0/95")"));
  EXPECT_TRUE(is_public_with(kEveryone, R"({"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}})"));
}

}  // namespace
}  // namespace sightline::policy
