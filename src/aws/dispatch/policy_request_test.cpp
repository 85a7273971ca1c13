#include "aws/dispatch/policy_request.h"

#include <gtest/gtest.h>

namespace sightline::aws::dispatch {
namespace {

Context asked_by(identity::Principal caller) {
  Context context;
  context.caller = std::move(caller);
  context.region = "eu-west-1";
  context.source_ip = "203.0.113.7";
  context.user_agent = "agent";
  context.referer = "http://page/";
  context.secure = true;
  return context;
}

std::string value(const policy::Keys& keys, std::string_view name) {
  const auto* values = keys.find(name);
  return values != nullptr && values->size() == 1 ? values->front() : "(none)";
}

TEST(PolicyRequest, HasWhoWantsWhatFromWhere) {
  const AccessRequest access{
      "s3:ListBucket", "arn:aws:s3:::pictures", {{"s3:prefix", "cats/"}, {"s3:max-keys", "7"}}};
  const Context context = asked_by(identity::user_principal("111111111111", "AIDAEXAMPLE", "/team/", "anna"));
  policy::Keys keys;
  const policy::Request request = policy_request(access, context, "222222222222", keys);
  EXPECT_EQ(request.caller.kind, policy::CallerKind::user);
  EXPECT_EQ(request.caller.arn, "arn:aws:iam::111111111111:user/team/anna");
  EXPECT_EQ(request.action, "s3:ListBucket");
  EXPECT_EQ(request.resource_account, "222222222222");
  EXPECT_EQ(request.keys, &keys);
  EXPECT_EQ(value(keys, "aws:sourceip"), "203.0.113.7");
  EXPECT_EQ(value(keys, "aws:useragent"), "agent");
  EXPECT_EQ(value(keys, "aws:referer"), "http://page/");
  EXPECT_EQ(value(keys, "aws:securetransport"), "true");
  EXPECT_EQ(value(keys, "aws:username"), "anna");
  EXPECT_EQ(value(keys, "aws:resourceaccount"), "222222222222");
  EXPECT_EQ(value(keys, "s3:prefix"), "cats/");
  EXPECT_EQ(value(keys, "s3:max-keys"), "7");
}

TEST(PolicyRequest, NobodyIsAnonymousAndSaysNoReferer) {
  Context context = asked_by({});
  context.referer.clear();
  policy::Keys keys;
  const AccessRequest access{"s3:GetObject", "arn:aws:s3:::pictures/cat.jpg"};
  const policy::Request request = policy_request(access, context, "222222222222", keys);
  EXPECT_EQ(request.caller.kind, policy::CallerKind::anonymous);
  EXPECT_EQ(keys.find("aws:referer"), nullptr);
  EXPECT_EQ(keys.find("aws:principalaccount"), nullptr);
}

TEST(PolicyRequest, SaysWhenTemporaryKeysWereMade) {
  Context context = asked_by(identity::user_principal("111111111111", "AIDAEXAMPLE", "/", "anna"));
  const AccessRequest access{"s3:GetObject", "arn:aws:s3:::pictures/cat.jpg"};
  policy::Keys keys;
  std::ignore = policy_request(access, context, "111111111111", keys);
  EXPECT_EQ(keys.find("aws:tokenissuetime"), nullptr);
  context.caller.issued = Instant(std::chrono::sys_days(std::chrono::year(2026) / 7 / 1));
  std::ignore = policy_request(access, context, "111111111111", keys);
  EXPECT_EQ(value(keys, "aws:tokenissuetime"), "2026-07-01T00:00:00Z");
}

TEST(PolicyRequest, SeesTheBeginningOfLongHeaders) {
  Context context = asked_by({});
  context.user_agent = std::string(32'000, 'a');
  context.referer = std::string(32'000, 'b');
  policy::Keys keys;
  std::ignore =
      policy_request({"s3:GetObject", "arn:aws:s3:::pictures/cat.jpg"}, context, "222222222222", keys);
  EXPECT_EQ(value(keys, "aws:useragent"), std::string(2048, 'a'));
  EXPECT_EQ(value(keys, "aws:referer"), std::string(2048, 'b'));
}

TEST(PolicyRequest, NobodyIsOfNoAccount) {
  identity::Principal nobody;
  nobody.account = "111111111111";
  EXPECT_EQ(policy_caller(nobody).account, "");
  EXPECT_EQ(policy_caller(nobody).canonical_user, "");
  std::string asked_for = "(nobody asked)";
  ResourcePolicies policies;
  policies.add("s3", [&](std::string_view, std::string_view account) {
    asked_for = account;
    return std::optional<ResourcePolicy>();
  });
  EXPECT_FALSE(resource_policy(policies, {"s3:GetObject", "arn:aws:s3:::b/k"}, asked_by(nobody)));
  EXPECT_EQ(asked_for, "");
}

TEST(PolicyRequest, TemporaryKeysActAsWhoAskedForThem) {
  identity::Principal session = identity::root_of("111111111111");
  session.kind = identity::PrincipalKind::session;
  EXPECT_EQ(policy_caller(session).kind, policy::CallerKind::root);
  session.name = "anna";
  EXPECT_EQ(policy_caller(session).kind, policy::CallerKind::user);
}

TEST(BucketOf, IsThePartOfAnArnThatNamesOne) {
  EXPECT_EQ(bucket_of("arn:aws:s3:::pictures/a/b"), "pictures");
  EXPECT_EQ(bucket_of("arn:aws:s3:::pictures"), "pictures");
  EXPECT_EQ(bucket_of("arn:aws:s3:::*"), "");
  EXPECT_EQ(bucket_of("arn:aws:sqs:::pictures"), "");
  EXPECT_EQ(bucket_of("*"), "");
}

}  // namespace
}  // namespace sightline::aws::dispatch
