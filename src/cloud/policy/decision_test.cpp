#include "cloud/policy/decision.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>

#include "cloud/policy/policy_test_requests.h"

namespace sightline::policy::test {
namespace {

constexpr const char* kAllowAll = R"({"Effect":"Allow","Action":"*","Resource":"*"})";
constexpr const char* kReadPictures =
    R"({"Sid":"Read","Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::pictures/*"})";
constexpr const char* kDenyPictures =
    R"({"Sid":"Never","Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::pictures/*"})";

std::string for_principal(std::string_view principal, std::string_view effect = "Allow") {
  return fmt::format(
      R"({{"Effect":"{}","Principal":{},"Action":"s3:*","Resource":"arn:aws:s3:::pictures/*"}})", effect,
      principal);
}

TEST(Decision, WhatNoStatementAllowsIsDenied) {
  EXPECT_EQ(get_object(a_user()).words(), "because no identity-based policy allows the s3:GetObject action");
  EXPECT_EQ(Asked(a_user(), "s3:PutObject", "arn:aws:s3:::pictures/a").identity(kReadPictures).words(),
            "because no identity-based policy allows the s3:PutObject action");
  EXPECT_EQ(Asked(a_user(), "s3:GetObject", "arn:aws:s3:::Pictures/a").identity(kReadPictures).words(),
            "because no identity-based policy allows the s3:GetObject action");
}

TEST(Decision, AnAllowingStatementIsNamed) {
  Asked asked = get_object(a_user());
  asked.identity(R"({"Effect":"Allow","Action":"sqs:*","Resource":"*"})").identity(kReadPictures);
  const Decision decision = asked.decision();
  EXPECT_TRUE(decision.allowed());
  EXPECT_EQ(decision.by, PolicyType::identity);
  EXPECT_EQ(decision.policy, "identity");
  EXPECT_EQ(decision.statement->sid, "Read");
  EXPECT_EQ(asked.words(), "");
}

TEST(Decision, ActionsHaveNoCase) {
  EXPECT_TRUE(Asked(a_user(), "S3:getobject", "arn:aws:s3:::pictures/a").identity(kReadPictures).allowed());
  EXPECT_TRUE(
      get_object(a_user())
          .identity(R"({"Effect":"Allow","Action":"S3:GETOBJEC?","Resource":"arn:aws:s3:::pictures/*"})")
          .allowed());
}

TEST(Decision, AnExplicitDenialWinsWhereverItStands) {
  EXPECT_EQ(get_object(a_user()).identity(kAllowAll).identity(kDenyPictures).words(),
            "with an explicit deny in an identity-based policy");
  EXPECT_EQ(get_object(a_session()).identity(kAllowAll).session(kDenyPictures).words(),
            "with an explicit deny in a session policy");
  Asked asked = get_object(a_user());
  asked.identity(kAllowAll).resource(for_principal("\"*\"", "Deny"));
  EXPECT_EQ(asked.words(), "with an explicit deny in a resource-based policy");
  EXPECT_EQ(asked.decision().statement->index, 0U);
}

// Patterns and texts are outsiders'; the time of a decision is not theirs.
TEST(Decision, WhatTakesTooLongIsDenied) {
  std::string slow("*");
  for (int i = 0; i < 4'500; ++i) slow += "?a";
  slow += 'b';
  const auto statement = [](std::string_view effect, std::string_view more) {
    return fmt::format(R"({{"Effect":"{}","Action":"s3:*",{}}})", effect, more);
  };
  const auto agent = [&](std::string_view operator_name) {
    return fmt::format(R"("Resource":"*","Condition":{{"{}":{{"aws:UserAgent":"{}"}}}})", operator_name,
                       slow);
  };
  const auto asked = [] {
    Asked one = get_object(a_user());
    one.with("aws:UserAgent", std::string(32'000, 'a'));
    return one;
  };
  const auto begin = std::chrono::steady_clock::now();
  for (const char* operator_name : {"StringLike", "StringNotLike"}) {
    EXPECT_FALSE(asked().identity(statement("Allow", agent(operator_name))).allowed()) << operator_name;
    EXPECT_EQ(asked().identity(kAllowAll).session(statement("Deny", agent(operator_name))).decision().outcome,
              Outcome::explicitly_denied)
        << operator_name;
  }
  // What is clear without steps keeps its meaning.
  EXPECT_EQ(asked()
                .identity(statement("Allow", agent("StringLike")))
                .identity(R"({"Effect":"Deny","Action":"sqs:*","Resource":"*"})")
                .decision()
                .outcome,
            Outcome::implicitly_denied);
  EXPECT_FALSE(Asked(a_user(), "s3:GetObject", "arn:aws:s3:::" + std::string(32'000, 'a'))
                   .identity(statement("Allow", fmt::format(R"("NotResource":"arn:aws:s3:::{}")", slow)))
                   .allowed());
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
}

TEST(Decision, NotActionAndNotResourceMeanAllElse) {
  constexpr const char* statement =
      R"({"Effect":"Allow","NotAction":["iam:*","s3:Put*"],"NotResource":"arn:aws:s3:::secrets/*"})";
  EXPECT_TRUE(get_object(a_user()).identity(statement).allowed());
  EXPECT_FALSE(Asked(a_user(), "s3:PutObject", "arn:aws:s3:::pictures/a").identity(statement).allowed());
  EXPECT_FALSE(Asked(a_user(), "s3:GetObject", "arn:aws:s3:::secrets/a").identity(statement).allowed());
}

TEST(Decision, AnActionWithoutResourcesNeedsAStar) {
  EXPECT_TRUE(Asked(a_user(), "s3:ListAllMyBuckets", "*").identity(kAllowAll).allowed());
  EXPECT_FALSE(Asked(a_user(), "s3:ListAllMyBuckets", "*")
                   .identity(R"({"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::*"})")
                   .allowed());
}

// AWS's user guide: a home folder of one's own.
TEST(Decision, VariablesNeedVersion2012) {
  const auto policy = [](std::string_view version) {
    return fmt::format(
        R"({{{}"Statement":[{{"Effect":"Allow","Action":["s3:ListBucket"],"Resource":["arn:aws:s3:::pictures"],
      "Condition":{{"StringLike":{{"s3:prefix":["${{aws:username}}/*"]}}}}}},
      {{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":["arn:aws:s3:::pictures/${{aws:username}}/*"]}}]}})",
        version);
  };
  const std::string with = policy(R"("Version":"2012-10-17",)");
  EXPECT_TRUE(Asked(a_user(), "s3:GetObject", "arn:aws:s3:::pictures/anna/1").identity(with).allowed());
  EXPECT_FALSE(Asked(a_user(), "s3:GetObject", "arn:aws:s3:::pictures/bert/1").identity(with).allowed());
  EXPECT_TRUE(Asked(a_user(), "s3:ListBucket", "arn:aws:s3:::pictures")
                  .identity(with)
                  .with("s3:prefix", "anna/x")
                  .allowed());
  EXPECT_FALSE(Asked(a_user(), "s3:ListBucket", "arn:aws:s3:::pictures").identity(with).allowed());
  for (const char* version : {"", R"("Version":"2008-10-17",)"}) {
    EXPECT_FALSE(
        Asked(a_user(), "s3:GetObject", "arn:aws:s3:::pictures/anna/1").identity(policy(version)).allowed());
    EXPECT_TRUE(Asked(a_user(), "s3:GetObject", "arn:aws:s3:::pictures/${aws:username}/1")
                    .identity(policy(version))
                    .allowed());
  }
}

// AWS's user guide: deny all but some actions without MFA; deny by source address.
TEST(Decision, DocumentedConditions) {
  constexpr const char* mfa = R"([{"Effect":"Allow","Action":"*","Resource":"*"},
      {"Effect":"Deny","NotAction":["iam:ListMFADevices","sts:GetSessionToken"],"Resource":"*",
       "Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}])";
  EXPECT_FALSE(get_object(a_user()).identity(mfa).allowed());
  EXPECT_TRUE(get_object(a_user()).identity(mfa).with("aws:MultiFactorAuthPresent", "true").allowed());
  EXPECT_TRUE(Asked(a_user(), "sts:GetSessionToken", "*").identity(mfa).allowed());
  constexpr const char* addresses = R"([{"Effect":"Allow","Action":"*","Resource":"*"},
      {"Effect":"Deny","Action":"*","Resource":"*",
       "Condition":{"NotIpAddress":{"aws:SourceIp":["192.0.2.0/24","203.0.113.0/24"]}}}])";
  EXPECT_TRUE(get_object(a_user()).identity(addresses).allowed());
  EXPECT_FALSE(get_object(a_user()).identity(addresses).with("AWS:sourceIP", "198.51.100.1").allowed());
}

TEST(Decision, InOnesOwnAccountTheResourcesPolicySuffices) {
  EXPECT_TRUE(get_object(a_user())
                  .resource(for_principal(R"({"AWS":"arn:aws:iam::111122223333:user/team/anna"})"))
                  .allowed());
  EXPECT_TRUE(get_object(a_user()).resource(for_principal(R"({"AWS":"AIDAEXAMPLEEXAMPLE01"})")).allowed());
  EXPECT_TRUE(get_object(a_user()).resource(for_principal(R"({"AWS":"*"})")).allowed());
  EXPECT_FALSE(get_object(a_user())
                   .resource(for_principal(R"({"AWS":"arn:aws:iam::111122223333:user/anna"})"))
                   .allowed());
  EXPECT_FALSE(
      get_object(a_user()).resource(for_principal(R"({"Service":"lambda.amazonaws.com"})")).allowed());
  // The account hands it on by policies of its own.
  EXPECT_FALSE(get_object(a_user()).resource(for_principal(R"({"AWS":"111122223333"})")).allowed());
}

TEST(Decision, ACanonicalUserIsItsAccount) {
  Caller caller = a_user(kOther);
  const std::string policy = for_principal(
      R"({"CanonicalUser":"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"})");
  EXPECT_FALSE(get_object(caller).identity(kReadPictures).resource(policy).allowed());
  caller.canonical_user = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be";
  EXPECT_TRUE(get_object(caller).identity(kReadPictures).resource(policy).allowed());
  EXPECT_FALSE(get_object(caller).resource(policy).allowed());
}

TEST(Decision, AcrossAccountsBothMustAllow) {
  const std::string account = for_principal(R"({"AWS":"arn:aws:iam::444455556666:root"})");
  EXPECT_TRUE(get_object(a_user(kOther)).identity(kReadPictures).resource(account).allowed());
  EXPECT_EQ(get_object(a_user(kOther)).identity(kReadPictures).words(),
            "because no resource-based policy allows the s3:GetObject action");
  EXPECT_EQ(get_object(a_user(kOther)).resource(account).words(),
            "because no identity-based policy allows the s3:GetObject action");
  EXPECT_FALSE(get_object(a_user(kOther)).resource(for_principal("\"*\"")).allowed());
}

TEST(Decision, SessionPoliciesLimit) {
  constexpr const char* others = R"({"Effect":"Allow","Action":"sqs:*","Resource":"*"})";
  EXPECT_TRUE(get_object(a_session()).identity(kReadPictures).session(kAllowAll).allowed());
  EXPECT_TRUE(get_object(a_session()).identity(kReadPictures).session(others).session(kAllowAll).allowed());
  EXPECT_EQ(get_object(a_session()).identity(kReadPictures).session(others).words(),
            "because no session policy allows the s3:GetObject action");
  EXPECT_EQ(get_object(a_session()).session(kAllowAll).words(),
            "because no identity-based policy allows the s3:GetObject action");
  // What names the role is limited; what names the session, or everyone, is not.
  const std::string role = for_principal(R"({"AWS":"arn:aws:iam::111122223333:role/jobs/worker"})");
  EXPECT_TRUE(get_object(a_session()).resource(role).allowed());
  EXPECT_EQ(get_object(a_session()).session(others).resource(role).words(),
            "because no session policy allows the s3:GetObject action");
  const std::string session =
      for_principal(R"({"AWS":"arn:aws:sts::111122223333:assumed-role/worker/night"})");
  EXPECT_TRUE(get_object(a_session()).session(others).resource(session).allowed());
  EXPECT_TRUE(get_object(a_session()).session(others).resource(for_principal("\"*\"")).allowed());
  EXPECT_FALSE(get_object(a_session()).session(kDenyPictures).resource(session).allowed());
}

TEST(Decision, TheRootMayDoAllInItsAccount) {
  EXPECT_TRUE(get_object(the_root()).allowed());
  EXPECT_FALSE(get_object(the_root()).resource(for_principal("\"*\"", "Deny")).allowed());
  EXPECT_TRUE(
      Asked(the_root(), "s3:DeleteBucketPolicy", "arn:aws:s3:::pictures")
          .resource(R"({"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::pictures"})")
          .allowed());
  EXPECT_FALSE(get_object(the_root(kOther)).allowed());
  EXPECT_TRUE(get_object(the_root(kOther)).resource(for_principal(R"({"AWS":"444455556666"})")).allowed());
}

TEST(Decision, TheAnonymousAndServicesNeedAResourcesPolicy) {
  const Caller nobody;
  Caller service{.kind = CallerKind::service, .service = "lambda.amazonaws.com"};
  EXPECT_EQ(get_object(nobody).words(), "because no resource-based policy allows the s3:GetObject action");
  EXPECT_TRUE(get_object(nobody).resource(for_principal("\"*\"")).allowed());
  EXPECT_FALSE(get_object(nobody).resource(for_principal(R"({"AWS":"111122223333"})")).allowed());
  EXPECT_FALSE(get_object(service).identity(kAllowAll).allowed());
  EXPECT_TRUE(
      get_object(service).resource(for_principal(R"({"Service":["lambda.amazonaws.com"]})")).allowed());
  EXPECT_FALSE(
      get_object(service).resource(for_principal(R"({"Service":"states.amazonaws.com"})")).allowed());
  // The confused deputy: the service acts for whom it says.
  const std::string for_one =
      R"({"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"s3:*",
      "Resource":"arn:aws:s3:::pictures/*","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"},
      "ArnLike":{"aws:SourceArn":"arn:aws:lambda:*:111122223333:function:f"}}})";
  EXPECT_FALSE(get_object(service).resource(for_one).allowed());
  EXPECT_TRUE(get_object(service)
                  .resource(for_one)
                  .with("aws:SourceAccount", "111122223333")
                  .with("aws:SourceArn", "arn:aws:lambda:eu-west-1:111122223333:function:f")
                  .allowed());
  EXPECT_FALSE(get_object(service)
                   .resource(for_one)
                   .with("aws:SourceAccount", "444455556666")
                   .with("aws:SourceArn", "arn:aws:lambda:eu-west-1:111122223333:function:f")
                   .allowed());
}

TEST(Decision, NotPrincipalExceptsWhoIsNamed) {
  const auto statement = [](std::string_view effect, std::string_view principals) {
    return fmt::format(
        R"({{"Effect":"{}","NotPrincipal":{{"AWS":[{}]}},"Action":"s3:*","Resource":"arn:aws:s3:::pictures/*"}})",
        effect, principals);
  };
  constexpr const char* anna = R"("arn:aws:iam::111122223333:user/team/anna")";
  constexpr const char* both =
      R"("arn:aws:iam::111122223333:user/team/anna","arn:aws:iam::111122223333:root")";
  EXPECT_FALSE(get_object(a_user()).resource(statement("Allow", anna)).allowed());
  EXPECT_TRUE(get_object(a_user())
                  .resource(statement("Allow", R"("arn:aws:iam::111122223333:user/bert")"))
                  .allowed());
  // A denial spares only whom all of its names are listed of.
  EXPECT_TRUE(get_object(a_user()).identity(kAllowAll).resource(statement("Deny", both)).allowed());
  EXPECT_FALSE(get_object(a_user()).identity(kAllowAll).resource(statement("Deny", anna)).allowed());
  EXPECT_FALSE(
      get_object(a_user()).identity(kAllowAll).resource(statement("Deny", R"("111122223333")")).allowed());
  EXPECT_TRUE(get_object(the_root()).resource(statement("Deny", R"("111122223333")")).allowed());
  constexpr const char* whole = R"("111122223333","arn:aws:iam::111122223333:role/jobs/worker",
      "arn:aws:sts::111122223333:assumed-role/worker/night")";
  EXPECT_TRUE(get_object(a_session()).identity(kAllowAll).resource(statement("Deny", whole)).allowed());
  EXPECT_FALSE(
      get_object(a_session())
          .identity(kAllowAll)
          .resource(statement("Deny", R"("111122223333","arn:aws:iam::111122223333:role/jobs/worker")"))
          .allowed());
}

TEST(Decision, ARoleTrustsNobodyUnasked) {
  const auto assume = [](Caller caller) {
    return Asked(caller, "sts:AssumeRole", "arn:aws:iam::111122223333:role/jobs/worker");
  };
  const auto trust = [](std::string_view principal) {
    return fmt::format(R"({{"Effect":"Allow","Principal":{},"Action":"sts:AssumeRole"}})", principal);
  };
  const std::string account = trust(R"({"AWS":"arn:aws:iam::111122223333:root"})");
  EXPECT_FALSE(assume(a_user()).identity(kAllowAll).allowed());
  EXPECT_TRUE(assume(a_user()).identity(kAllowAll).trust(account).allowed());
  EXPECT_FALSE(assume(a_user()).trust(account).allowed());
  EXPECT_TRUE(
      assume(a_user()).trust(trust(R"({"AWS":"arn:aws:iam::111122223333:user/team/anna"})")).allowed());
  EXPECT_EQ(
      assume(a_user()).identity(kAllowAll).trust(trust(R"({"Service":"lambda.amazonaws.com"})")).words(),
      "because no resource-based policy allows the sts:AssumeRole action");
  EXPECT_FALSE(
      assume(a_user(kOther)).trust(trust(R"({"AWS":"arn:aws:iam::444455556666:user/anna"})")).allowed());
  const std::string external =
      R"({"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"sts:AssumeRole",
      "Condition":{"StringEquals":{"sts:ExternalId":"12345"}}})";
  EXPECT_FALSE(assume(a_user(kOther)).identity(kAllowAll).trust(external).allowed());
  EXPECT_TRUE(
      assume(a_user(kOther)).identity(kAllowAll).trust(external).with("sts:externalid", "12345").allowed());
  const Caller service{.kind = CallerKind::service, .service = "lambda.amazonaws.com"};
  EXPECT_TRUE(assume(service).trust(trust(R"({"Service":"lambda.amazonaws.com"})")).allowed());
  const Caller pool{.kind = CallerKind::federated, .service = "cognito-identity.amazonaws.com"};
  Asked web(pool, "sts:AssumeRoleWithWebIdentity", "arn:aws:iam::111122223333:role/jobs/worker");
  web.trust(R"({"Effect":"Allow","Principal":{"Federated":"cognito-identity.amazonaws.com"},
      "Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"cognito-identity.amazonaws.com:aud":"p"}}})");
  EXPECT_FALSE(web.allowed());
  EXPECT_TRUE(web.with("cognito-identity.amazonaws.com:aud", "p").allowed());
}

TEST(Decision, EveryoneMayAskWhoTheyAre) {
  constexpr const char* deny = R"({"Effect":"Deny","Action":"*","Resource":"*"})";
  EXPECT_TRUE(Asked(a_user(), "sts:GetCallerIdentity", "*").identity(deny).allowed());
  EXPECT_FALSE(Asked({}, "sts:GetCallerIdentity", "*").allowed());
}

TEST(Decision, WhatBelongsToAwsStaysAsItIs) {
  constexpr const char* managed = "arn:aws:iam::aws:policy/AdministratorAccess";
  EXPECT_FALSE(Asked(a_user(), "iam:CreatePolicyVersion", managed).identity(kAllowAll).allowed());
  EXPECT_FALSE(Asked(the_root(), "iam:DeletePolicy", managed).allowed());
  EXPECT_TRUE(Asked(a_user(), "iam:GetPolicy", managed).identity(kAllowAll).allowed());
  EXPECT_TRUE(Asked(a_user(), "iam:CreatePolicyVersion", "arn:aws:iam::111122223333:policy/mine")
                  .identity(kAllowAll)
                  .allowed());
}

TEST(Decision, GlobalKeysTellWhoAndWhen) {
  Keys keys;
  RequestContext around;
  around.now = Instant(std::chrono::sys_days(std::chrono::year(2026) / 7 / 1));
  around.secure = true;
  around.principal_tags = {{"Team", "blue"}};
  add_global_keys(a_session(), around, keys);
  const auto value = [&](std::string_view name) {
    const auto* values = keys.find(name);
    return values == nullptr ? "(none)" : values->front();
  };
  EXPECT_EQ(value("aws:principalarn"), "arn:aws:iam::111122223333:role/jobs/worker");
  EXPECT_EQ(value("aws:userid"), "AROAEXAMPLEEXAMPLE01:night");
  EXPECT_EQ(value("aws:username"), "(none)");
  EXPECT_EQ(value("aws:principaltype"), "AssumedRole");
  EXPECT_EQ(value("aws:principaltag/team"), "blue");
  EXPECT_EQ(value("aws:currenttime"), "2026-07-01T00:00:00Z");
  EXPECT_EQ(value("aws:epochtime"), "1782864000");
  EXPECT_EQ(value("aws:securetransport"), "true");
  EXPECT_EQ(value("aws:sourceip"), "(none)");
}

}  // namespace
}  // namespace sightline::policy::test
