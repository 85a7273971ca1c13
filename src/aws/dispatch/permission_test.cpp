#include "aws/dispatch/permission.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "aws/dispatch/own_account_testing.h"
#include "aws/dispatch/policy_request.h"
#include "aws/wire/test_query.h"

namespace sightline::aws::dispatch {
namespace {

Context context_of(identity::Principal caller) {
  Context context;
  context.caller = std::move(caller);
  context.region = "eu-west-1";
  return context;
}

const Context kOwner = context_of(identity::root_of("111111111111"));

/// One bucket, "bucket", of `owner`.
ResourcePolicies with_bucket(const std::string& owner, std::string_view statements = {}) {
  ResourcePolicy policy{owner};
  if (!statements.empty()) {
    const std::string text = fmt::format(R"({{"Version":"2012-10-17","Statement":{}}})", statements);
    policy.document = *policy::Document::parse(text, policy::DocumentKind::resource, text.size());
  }
  ResourcePolicies policies;
  policies.add("s3", [policy](std::string_view arn, std::string_view) {
    return bucket_of(arn) == "bucket" ? std::optional(policy) : std::nullopt;
  });
  return policies;
}

wire::Operation with(std::span<const wire::Permission> permissions) {
  wire::Operation operation = test_query::Describe::operation;
  operation.permissions = permissions;
  return operation;
}

TEST(NeededPermissions, ARowWithAMemberThatMayBeMissingCountsWhereItIsGiven) {
  static constexpr wire::Permission kRows[] = {{.action = "iam:PassRole", .resource = "{Nested.Name?}"}};
  const wire::Operation operation = with(kRows);
  test_query::DescribeInput request;
  EXPECT_TRUE(needed_permissions(operation, &request, kOwner, {})->empty());
  request.nested.emplace();
  EXPECT_TRUE(needed_permissions(operation, &request, kOwner, {})->empty());
  request.nested->name = "arn:aws:iam::111111111111:role/r";
  const std::vector<AccessRequest> expected{{"iam:PassRole", "arn:aws:iam::111111111111:role/r"}};
  EXPECT_EQ(*needed_permissions(operation, &request, kOwner, {}), expected);
}

TEST(NeededPermissions, AConditionKeyThatTheRequestDoesNotSayIsAbsent) {
  static constexpr wire::ConditionTemplate kConditions[] = {{"test:name", "{Name}"}, {"test:on", "{On}"}};
  static constexpr wire::Permission kRows[] = {
      {.action = "test:Do", .resource = "*", .conditions = kConditions}};
  const wire::Operation operation = with(kRows);
  test_query::DescribeInput request;
  request.on = true;
  const std::vector<AccessRequest> expected{{"test:Do", "*", {{"test:on", "true"}}}};
  EXPECT_EQ(*needed_permissions(operation, &request, kOwner, {}), expected);
}

TEST(NeededPermissions, AResolversErrorIsTheAnswer) {
  static constexpr wire::Permission kRows[] = {{.action = "test:Do", .resource = "{Name|thing}"}};
  const wire::Operation operation = with(kRows);
  EXPECT_EQ(resolvers_of(operation), std::vector<std::string_view>{"thing"});
  const test_query::DescribeInput request;
  const Resolvers resolvers{
      {"thing", [](const std::string*, const Context&) -> wire::Answer<std::vector<std::string>> {
         return wire::refuse(test_query::kNoSuchThing, "no thing");
       }}};
  const auto needed = needed_permissions(operation, &request, kOwner, resolvers);
  ASSERT_FALSE(needed);
  EXPECT_EQ(needed.error().message, "no thing");
}

TEST(NeededPermissions, ARowThatNamesNothingIsAnErrorAndNoLeave) {
  static constexpr wire::Permission kRows[] = {{.action = "test:Do", .resource = "arn:{Name}"}};
  const wire::Operation operation = with(kRows);
  const test_query::DescribeInput request;
  EXPECT_FALSE(needed_permissions(operation, &request, kOwner, {}));
  static constexpr wire::Permission kResolved[] = {{.action = "test:Do", .resource = "{Name|none}"}};
  const wire::Operation resolved = with(kResolved);
  const Resolvers none{{"none", [](const std::string*, const Context&) {
                          return wire::Answer<std::vector<std::string>>(std::vector<std::string>());
                        }}};
  EXPECT_FALSE(needed_permissions(resolved, &request, kOwner, none));
}

TEST(OwnAccount, TakesNoOtherArnWithoutAnAccount) {
  ResourcePolicies policies;
  EXPECT_TRUE(test::OwnAccount(policies).deny({"sqs:SendMessage", "arn:aws:sqs:eu-west-1::q"}, kOwner));
}

TEST(OwnAccount, GivesAllOfTheOwnAccountAndNothingOfAnother) {
  ResourcePolicies policies;
  const test::OwnAccount rule(policies);
  EXPECT_FALSE(rule.deny({"sqs:SendMessage", "arn:aws:sqs:eu-west-1:111111111111:q"}, kOwner));
  EXPECT_FALSE(rule.deny({"s3:CreateBucket", "arn:aws:s3:::b"}, kOwner));
  EXPECT_FALSE(rule.deny({"s3:ListAllMyBuckets", "arn:aws:s3:::*"}, kOwner));
  EXPECT_FALSE(rule.deny({"rekognition:DetectFaces", "*"}, kOwner));
  const auto denial = rule.deny({"sqs:SendMessage", "arn:aws:sqs:eu-west-1:222222222222:q"}, kOwner);
  ASSERT_TRUE(denial);
  EXPECT_EQ(denial->reason, "because no resource-based policy allows the sqs:SendMessage action");
  EXPECT_TRUE(denial->foreign);
}

TEST(OwnAccount, AsksWhoseAResourceIsWhoseNameDoesNotSay) {
  const ResourcePolicies policies = with_bucket("222222222222");
  const test::OwnAccount rule(policies);
  EXPECT_TRUE(rule.deny({"s3:GetObject", "arn:aws:s3:::bucket/k"}, kOwner));
}

TEST(OwnAccount, ABucketThatIsNotThereCanBeMadeAndNothingElse) {
  const ResourcePolicies policies = with_bucket("111111111111");
  const test::OwnAccount rule(policies);
  const auto denial = rule.deny({"s3:PutObject", "arn:aws:s3:::new/k"}, kOwner);
  ASSERT_TRUE(denial);
  EXPECT_TRUE(denial->absent);
  EXPECT_FALSE(rule.deny({"s3:CreateBucket", "arn:aws:s3:::new"}, kOwner));
  EXPECT_TRUE(rule.deny({"s3:CreateBucket", "arn:aws:s3:::new"}, context_of({})));
  // S3 itself says that the name is taken.
  EXPECT_FALSE(
      rule.deny({"s3:CreateBucket", "arn:aws:s3:::bucket"}, context_of(identity::root_of("333333333333"))));
}

TEST(OwnAccount, AResourcesPolicyOpensItToOthersAndClosesItToItsOwn) {
  const ResourcePolicies policies = with_bucket("222222222222", R"([
      {"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"},
      {"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/public/*"},
      {"Effect":"Deny","Principal":"*","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::bucket/*"}])");
  const test::OwnAccount rule(policies);
  const AccessRequest get{"s3:GetObject", "arn:aws:s3:::bucket/k"};
  const Context theirs = context_of(identity::root_of("222222222222"));
  EXPECT_FALSE(rule.deny(get, kOwner));
  EXPECT_TRUE(rule.deny({"s3:PutObject", "arn:aws:s3:::bucket/k"}, kOwner));
  EXPECT_TRUE(rule.deny(get, context_of(identity::root_of("333333333333"))));
  EXPECT_FALSE(rule.deny(get, theirs));
  EXPECT_FALSE(rule.deny({"s3:GetObject", "arn:aws:s3:::bucket/public/k"}, context_of({})));
  const auto denial = rule.deny({"s3:DeleteObject", "arn:aws:s3:::bucket/k"}, theirs);
  ASSERT_TRUE(denial);
  EXPECT_FALSE(denial->foreign);
  EXPECT_EQ(denial->reason, "with an explicit deny in a resource-based policy");
}

TEST(OwnAccount, AnonymousCallersAreDeniedEverything) {
  ResourcePolicies policies;
  const test::OwnAccount rule(policies);
  EXPECT_TRUE(rule.deny({"s3:GetObject", "arn:aws:s3:::b/k"}, context_of({})));
  EXPECT_TRUE(rule.deny({"rekognition:DetectFaces", "*"}, context_of({})));
  // Also where they are made to come from an account.
  identity::Principal nobody;
  nobody.account = "111111111111";
  EXPECT_TRUE(rule.deny({"sqs:CreateQueue", "arn:aws:sqs:eu-west-1:111111111111:q"}, context_of(nobody)));
  EXPECT_TRUE(rule.deny({"sqs:SendMessage", "arn:aws:sqs:eu-west-1::q"}, context_of({})));
}

}  // namespace
}  // namespace sightline::aws::dispatch
