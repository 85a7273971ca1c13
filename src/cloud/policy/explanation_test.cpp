#include "cloud/policy/explanation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cloud/policy/policy_test_requests.h"

namespace sightline::policy::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<std::string> described(Asked& asked) {
  std::vector<std::string> lines;
  for (const ExplainedStatement& statement : explain(asked.request(), asked.policies()))
    lines.push_back(describe(statement));
  return lines;
}

TEST(Explanation, SaysWhichPartDidNotMatch) {
  Asked asked = get_object(a_user());
  asked.identity(R"([{"Effect":"Allow","Action":"s3:Put*","Resource":"arn:aws:s3:::other/*"},
      {"Sid":"Home","Effect":"Allow","Action":"s3:*","Resource":"*",
       "Condition":{"StringEquals":{"aws:PrincipalTag/team":["red","blue"]},"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}])");
  asked.resource(
      R"({"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"*","Resource":"arn:aws:s3:::pictures/*"})");
  EXPECT_THAT(described(asked),
              ElementsAre("identity-based policy identity, statement 1: the action does not match; the "
                          "resource does not match",
                          "identity-based policy identity, statement 2 (Sid Home): StringEquals of "
                          "aws:PrincipalTag/team does not "
                          "hold: it wants red or blue, the request has none; IpAddress of aws:SourceIp does "
                          "not hold: it wants "
                          "10.0.0.0/8, the request has 203.0.113.7",
                          "resource-based policy resource, statement 1: the caller does not match"));
}

TEST(Explanation, TheSmallestStatementThatHelps) {
  Asked asked = get_object(a_user());
  const auto missing = missing_statements(asked.request(), asked.policies());
  ASSERT_THAT(missing, SizeIs(1));
  EXPECT_EQ(missing[0].type, PolicyType::identity);
  EXPECT_EQ(missing[0].statement,
            R"({"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::pictures/cat.jpg"})");
  EXPECT_TRUE(asked.identity(missing[0].statement).allowed());
}

TEST(Explanation, AcrossAccountsTwoAreMissing) {
  Asked asked = get_object(a_user(kOther));
  const auto missing = missing_statements(asked.request(), asked.policies());
  ASSERT_THAT(missing, SizeIs(2));
  EXPECT_EQ(missing[1].type, PolicyType::resource);
  EXPECT_EQ(missing[1].statement,
            R"({"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:user/anna"},)"
            R"("Action":"s3:GetObject","Resource":"arn:aws:s3:::pictures/cat.jpg"})");
  EXPECT_TRUE(asked.identity(missing[0].statement).resource(missing[1].statement).allowed());
}

TEST(Explanation, NamesWithWildcardsAreMeantLiterally) {
  Asked asked(a_user(), "s3:GetObject", "arn:aws:s3:::pictures/a*${aws:username}?");
  const auto missing = missing_statements(asked.request(), asked.policies());
  ASSERT_THAT(missing, SizeIs(1));
  EXPECT_TRUE(asked.identity(missing[0].statement).allowed());
  EXPECT_FALSE(Asked(a_user(), "s3:GetObject", "arn:aws:s3:::pictures/abannac")
                   .identity(missing[0].statement)
                   .allowed());
}

TEST(Explanation, OfARoleItsTrustIsMissing) {
  Asked asked(a_user(), "sts:AssumeRole", "arn:aws:iam::111122223333:role/jobs/worker");
  const auto missing = missing_statements(asked.request(), asked.policies());
  ASSERT_THAT(missing, SizeIs(1));
  EXPECT_EQ(missing[0].statement,
            R"({"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/team/anna"},)"
            R"("Action":"sts:AssumeRole"})");
  EXPECT_TRUE(asked.trust(missing[0].statement).allowed());
}

TEST(Explanation, CannotSteerATerminal) {
  Asked asked = get_object(a_user());
  asked.identity(R"({"Sid":"\u001b[2J","Effect":"Allow","Action":"s3:*","Resource":"*"})");
  EXPECT_THAT(described(asked),
              ElementsAre("identity-based policy identity, statement 1 (Sid \\x1B[2J): allows"));
}

TEST(Explanation, AgainstAnExplicitDenialNothingHelps) {
  Asked asked = get_object(a_user());
  asked.identity(R"({"Effect":"Deny","Action":"*","Resource":"*"})");
  EXPECT_THAT(missing_statements(asked.request(), asked.policies()), IsEmpty());
  EXPECT_THAT(described(asked), ElementsAre("identity-based policy identity, statement 1: denies"));
}

}  // namespace
}  // namespace sightline::policy::test
