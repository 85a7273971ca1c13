#include "app/server/adapters/policy_authorizer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "aws/dispatch/resource_owner.h"

namespace sightline::server {
namespace {

namespace dispatch = aws::dispatch;

constexpr std::string_view kOwner = "222222222222";
constexpr std::string_view kOther = "111111111111";

dispatch::Context asked_by(identity::Principal caller) {
  dispatch::Context context;
  context.caller = std::move(caller);
  return context;
}
dispatch::Context root(std::string_view account) {
  return asked_by(identity::root_of(account));
}

/// One bucket, "bucket", of kOwner, with a policy. Roots alone ask: they need no policies of their own.
class PolicyAuthorizerTest : public testing::Test {
 protected:
  void SetUp() override { authorizer_.use(book_); }

  void set_policy(std::string_view statements) {
    const std::string text = fmt::format(R"({{"Version":"2012-10-17","Statement":{}}})", statements);
    policy_ = *policy::Document::parse(text, policy::DocumentKind::resource, text.size());
  }
  dispatch::ResourcePolicies bucket() {
    dispatch::ResourcePolicies policies;
    policies.add("s3",
                 [this](std::string_view arn, std::string_view) -> std::optional<dispatch::ResourcePolicy> {
                   if (dispatch::bucket_of(arn) != "bucket") return std::nullopt;
                   return dispatch::ResourcePolicy{std::string(kOwner), policy_};
                 });
    return policies;
  }

  std::optional<policy::Document> policy_;
  const dispatch::ResourcePolicies policies_ = bucket();
  identity::PolicyBook book_;
  PolicyAuthorizer authorizer_{policies_};
};

TEST_F(PolicyAuthorizerTest, AResourcesPolicyOpensItToOthersAndClosesItToItsOwn) {
  set_policy(R"([
      {"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"},
      {"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/public/*"},
      {"Effect":"Deny","Principal":"*","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::bucket/*"}])");
  const dispatch::AccessRequest get{"s3:GetObject", "arn:aws:s3:::bucket/k"};
  EXPECT_FALSE(authorizer_.deny(get, root(kOther)));
  EXPECT_TRUE(authorizer_.deny({"s3:PutObject", "arn:aws:s3:::bucket/k"}, root(kOther))->outsider);
  EXPECT_TRUE(authorizer_.deny(get, root("333333333333")));
  EXPECT_FALSE(authorizer_.deny(get, root(kOwner)));
  EXPECT_TRUE(authorizer_.deny(get, asked_by({})));
  EXPECT_FALSE(authorizer_.deny({"s3:GetObject", "arn:aws:s3:::bucket/public/k"}, asked_by({})));
  const auto denial = authorizer_.deny({"s3:DeleteObject", "arn:aws:s3:::bucket/k"}, root(kOwner));
  ASSERT_TRUE(denial);
  EXPECT_FALSE(denial->outsider);
  EXPECT_EQ(denial->closing, "with an explicit deny in a resource-based policy");
}

TEST_F(PolicyAuthorizerTest, OfABucketThatIsNotThereNothingIsAllowed) {
  EXPECT_TRUE(authorizer_.deny({"s3:PutObject", "arn:aws:s3:::new/k"}, root(kOwner))->absent);
  EXPECT_FALSE(authorizer_.deny({"s3:CreateBucket", "arn:aws:s3:::new"}, root(kOwner)));
  EXPECT_FALSE(authorizer_.deny({"s3:CreateBucket", "arn:aws:s3:::bucket"}, root(kOther)));
  EXPECT_TRUE(authorizer_.deny({"s3:CreateBucket", "arn:aws:s3:::new"}, asked_by({})));
}

TEST_F(PolicyAuthorizerTest, NobodyIsOfNoAccountWhereverTheCallComesFrom) {
  identity::Principal nobody;
  nobody.account = kOwner;
  EXPECT_TRUE(authorizer_.deny({"s3:GetObject", "arn:aws:s3:::bucket/k"}, asked_by(nobody)));
  EXPECT_EQ(policy_caller(nobody).account, "");
}

TEST_F(PolicyAuthorizerTest, TheRefererIsAKeyOfConditions) {
  set_policy(R"({"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*",
                 "Condition":{"StringLike":{"aws:Referer":"http://page/*"}}})");
  dispatch::Context context = asked_by({});
  const dispatch::AccessRequest get{"s3:GetObject", "arn:aws:s3:::bucket/k"};
  EXPECT_TRUE(authorizer_.deny(get, context));
  context.referer = "http://page/1";
  EXPECT_FALSE(authorizer_.deny(get, context));
}

TEST_F(PolicyAuthorizerTest, AnAuditLetsNobodyAndNoOtherAccountIn) {
  set_policy(
      R"({"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"})");
  int refusals = 0;
  PolicyAuthorizer audit(policies_, [&](const RefusedAccess&) { ++refusals; });
  audit.use(book_);
  const dispatch::AccessRequest get{"s3:GetObject", "arn:aws:s3:::bucket/k"};
  EXPECT_FALSE(audit.deny(get, root(kOwner)));
  EXPECT_EQ(refusals, 1);
  EXPECT_TRUE(audit.deny(get, root(kOther)));
  EXPECT_TRUE(audit.deny(get, asked_by({})));
  EXPECT_TRUE(audit.deny({"s3:GetObject", "arn:aws:s3:::new/k"}, root(kOwner))->absent);
  EXPECT_EQ(refusals, 1);
}

}  // namespace
}  // namespace sightline::server
