#include "cloud/policy/managed_policies.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "cloud/policy/document.h"
#include "cloud/policy/policy_test_requests.h"

namespace sightline::policy::test {
namespace {

bool lets(const char* arn, const char* action, const char* resource) {
  const ManagedPolicy* policy = find_managed_policy(arn);
  return policy != nullptr && Asked(a_user(), action, resource).identity(policy->document).allowed();
}

TEST(ManagedPolicies, AreAllDocumentsThatAwsTakes) {
  const auto all = managed_policies();
  EXPECT_TRUE(std::ranges::is_sorted(all, {}, &ManagedPolicy::name));
  for (const ManagedPolicy& policy : all) {
    EXPECT_EQ(fault_of(policy.document, DocumentKind::managed), "") << policy.name;
    EXPECT_EQ(find_managed_policy(policy.arn()), &policy) << policy.name;
    EXPECT_TRUE(policy.created.ends_with('Z') && policy.created.size() == 20) << policy.created;
  }
}

TEST(ManagedPolicies, AreCompiledOnce) {
  for (const ManagedPolicy& policy : managed_policies()) {
    const auto compiled = find_compiled_policy(policy.arn());
    ASSERT_TRUE(compiled);
    EXPECT_EQ(compiled->name, policy.arn());
    ASSERT_FALSE(compiled->document->statements().empty());
    EXPECT_EQ(find_compiled_policy(policy.arn())->document, compiled->document);
  }
  EXPECT_FALSE(find_compiled_policy("arn:aws:iam::aws:policy/Nothing"));
  EXPECT_FALSE(find_compiled_policy("arn:aws:iam::aws:policy/x/AdministratorAccess"));
  EXPECT_FALSE(find_compiled_policy("AdministratorAccess"));
}

TEST(ManagedPolicies, KeepTheirPaths) {
  EXPECT_NE(find_managed_policy("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"), nullptr);
  EXPECT_EQ(find_managed_policy("arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole"), nullptr);
  EXPECT_NE(find_managed_policy("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"), nullptr);
  EXPECT_EQ(find_managed_policy("arn:aws:iam::aws:policy/Nothing"), nullptr);
  EXPECT_EQ(find_managed_policy("AdministratorAccess"), nullptr);
}

TEST(ManagedPolicies, AllowWhatTheirNamesSay) {
  constexpr const char* object = "arn:aws:s3:::pictures/cat.jpg";
  EXPECT_TRUE(lets("arn:aws:iam::aws:policy/AdministratorAccess", "iam:CreateUser", "*"));
  EXPECT_TRUE(lets("arn:aws:iam::aws:policy/PowerUserAccess", "s3:PutObject", object));
  EXPECT_FALSE(lets("arn:aws:iam::aws:policy/PowerUserAccess", "iam:CreateUser", "*"));
  EXPECT_TRUE(lets("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess", "s3:GetObject", object));
  EXPECT_FALSE(lets("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess", "s3:PutObject", object));
  EXPECT_TRUE(lets("arn:aws:iam::aws:policy/ReadOnlyAccess", "sqs:GetQueueAttributes",
                   "arn:aws:sqs:us-east-1:111122223333:orders"));
  EXPECT_FALSE(lets("arn:aws:iam::aws:policy/ReadOnlyAccess", "sqs:SendMessage",
                    "arn:aws:sqs:us-east-1:111122223333:orders"));
}

}  // namespace
}  // namespace sightline::policy::test
