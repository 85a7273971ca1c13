#include "aws/dispatch/permission.h"

#include <gtest/gtest.h>

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
  EXPECT_TRUE(OwnAccount(policies).deny({"sqs:SendMessage", "arn:aws:sqs:eu-west-1::q"}, kOwner));
}

TEST(OwnAccount, GivesAllOfTheOwnAccountAndNothingOfAnother) {
  ResourcePolicies policies;
  const OwnAccount rule(policies);
  EXPECT_FALSE(rule.deny({"sqs:SendMessage", "arn:aws:sqs:eu-west-1:111111111111:q"}, kOwner));
  EXPECT_FALSE(rule.deny({"s3:GetObject", "arn:aws:s3:::b/k"}, kOwner));
  EXPECT_FALSE(rule.deny({"rekognition:DetectFaces", "*"}, kOwner));
  const auto denial = rule.deny({"sqs:SendMessage", "arn:aws:sqs:eu-west-1:222222222222:q"}, kOwner);
  ASSERT_TRUE(denial);
  EXPECT_EQ(denial->closing, "because no resource-based policy allows the sqs:SendMessage action");
}

TEST(OwnAccount, AsksWhoseAResourceIsWhoseNameDoesNotSay) {
  ResourcePolicies policies;
  policies.add("s3", [](std::string_view arn, std::string_view) -> std::optional<ResourcePolicy> {
    if (arn == "arn:aws:s3:::theirs/k") return ResourcePolicy{"222222222222"};
    return std::nullopt;
  });
  const OwnAccount rule(policies);
  EXPECT_TRUE(rule.deny({"s3:GetObject", "arn:aws:s3:::theirs/k"}, kOwner));
  EXPECT_FALSE(rule.deny({"s3:GetObject", "arn:aws:s3:::new/k"}, kOwner));
}

TEST(OwnAccount, AnonymousCallersAreDeniedEverything) {
  ResourcePolicies policies;
  EXPECT_TRUE(OwnAccount(policies).deny({"s3:GetObject", "arn:aws:s3:::b/k"}, context_of({})));
}

}  // namespace
}  // namespace sightline::aws::dispatch
