#include "aws/dispatch/resource_owner.h"

#include <gtest/gtest.h>

namespace sightline::aws::dispatch {
namespace {

Context asked_by(identity::Principal caller) {
  Context context;
  context.caller = std::move(caller);
  return context;
}

/// A bucket "theirs" of account 2, another one for whoever asks.
ResourcePolicies two_buckets(std::string& asked_for) {
  ResourcePolicies policies;
  policies.add("s3", [&](std::string_view arn, std::string_view account) -> std::optional<ResourcePolicy> {
    asked_for = account;
    if (bucket_of(arn) != "theirs") return std::nullopt;
    return ResourcePolicy{"222222222222"};
  });
  return policies;
}

TEST(BucketOf, IsThePartOfAnArnThatNamesOne) {
  EXPECT_EQ(bucket_of("arn:aws:s3:::pictures/a/b"), "pictures");
  EXPECT_EQ(bucket_of("arn:aws:s3:::pictures"), "pictures");
  EXPECT_EQ(bucket_of("arn:aws:s3:::*"), "");
  EXPECT_EQ(bucket_of("arn:aws:sqs:::pictures"), "");
  EXPECT_EQ(bucket_of("*"), "");
}

TEST(ResourcePolicy, IsFoundForTheCallersAccountAndNobodyHasNone) {
  std::string asked_for = "(nobody asked)";
  const ResourcePolicies policies = two_buckets(asked_for);
  const AccessRequest get{"s3:GetObject", "arn:aws:s3:::theirs/k"};
  EXPECT_TRUE(resource_policy(policies, get, asked_by(identity::root_of("111111111111"))));
  EXPECT_EQ(asked_for, "111111111111");
  identity::Principal nobody;
  nobody.account = "111111111111";
  EXPECT_TRUE(resource_policy(policies, get, asked_by(nobody)));
  EXPECT_EQ(asked_for, "");
}

TEST(ResourcePolicy, ABucketThatIsNotThereCanBeMadeAndNothingElse) {
  std::string asked_for;
  const ResourcePolicies policies = two_buckets(asked_for);
  const Context context = asked_by(identity::root_of("111111111111"));
  const auto absent = [&](const AccessRequest& access) {
    return is_absent_bucket(access, resource_policy(policies, access, context));
  };
  EXPECT_TRUE(absent({"s3:GetObject", "arn:aws:s3:::new/k"}));
  EXPECT_TRUE(absent({"s3:DeleteBucket", "arn:aws:s3:::new"}));
  EXPECT_FALSE(absent({"s3:GetObject", "arn:aws:s3:::theirs/k"}));
  EXPECT_FALSE(absent({"s3:ListAllMyBuckets", "arn:aws:s3:::*"}));
  // One that has the name says nothing of whether it may be made: S3 itself says that it is taken.
  for (const char* arn : {"arn:aws:s3:::new", "arn:aws:s3:::theirs"}) {
    const AccessRequest make{"s3:CreateBucket", arn};
    EXPECT_FALSE(absent(make));
    EXPECT_EQ(owner_of(arn, resource_policy(policies, make, context), context), "111111111111");
  }
}

}  // namespace
}  // namespace sightline::aws::dispatch
