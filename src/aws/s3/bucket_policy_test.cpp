#include "aws/s3/bucket_policy.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

namespace sightline::aws::s3 {
namespace {

std::string fault(std::string_view text) {
  const auto document = read_bucket_policy(text, "pictures");
  return document ? "" : document.error().code + ": " + document.error().message;
}

std::string fault_of(std::string_view action, std::string_view resource, std::string_view more = {}) {
  return fault(
      fmt::format(R"({{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":"*",{},{}{}}}]}})",
                  action, resource, more));
}

constexpr std::string_view kGet = R"("Action":"s3:GetObject")";
constexpr std::string_view kObjects = R"("Resource":"arn:aws:s3:::pictures/*")";
constexpr std::string_view kBucket = R"("Resource":"arn:aws:s3:::pictures")";
constexpr std::string_view kResourceFault = "MalformedPolicy: Policy has invalid resource";
constexpr std::string_view kNothing =
    "MalformedPolicy: Action does not apply to any resource(s) in statement";

TEST(BucketPolicy, IsAboutItsBucketAlone) {
  EXPECT_EQ(fault_of(kGet, kObjects), "");
  EXPECT_EQ(fault_of(kGet, R"("NotResource":"arn:aws:s3:::pictures/private/*")"), "");
  for (const char* resource :
       {"arn:aws:s3:::other/*", "arn:aws:s3:::pictures2/*", "arn:aws:s3:::picture*", "arn:aws:s3:::*", "*",
        "arn:aws:s3:us-east-1:111122223333:pictures/*", "arn:aws:sqs:us-east-1:111122223333:pictures"})
    EXPECT_EQ(fault_of(kGet, fmt::format(R"("Resource":["arn:aws:s3:::pictures/*","{}"])", resource)),
              kResourceFault)
        << resource;
}

TEST(BucketPolicy, ItsActionsApplyToItsResources) {
  EXPECT_EQ(fault_of(R"("Action":"s3:ListBucket")", kBucket), "");
  EXPECT_EQ(fault_of(R"("Action":"s3:*")", kBucket), "");
  EXPECT_EQ(fault_of(R"("Action":["s3:ListBucket","s3:PutObject"])",
                     R"("Resource":["arn:aws:s3:::pictures","arn:aws:s3:::pictures/*"])"),
            "");
  EXPECT_EQ(fault_of(R"("Action":"s3:ListBucket")", kObjects), kNothing);
  EXPECT_EQ(fault_of(kGet, kBucket), kNothing);
  EXPECT_EQ(fault_of(R"("Action":"s3:AbortMultipartUpload")", kObjects), "");
  EXPECT_EQ(fault_of(R"("Action":"s3:ListBucketMultipartUploads")", kBucket), "");
  EXPECT_EQ(fault_of(R"("NotAction":"s3:ListBucket")", kObjects), "");
  EXPECT_EQ(fault_of(R"("Action":"sqs:SendMessage")", kObjects),
            "MalformedPolicy: Policy has invalid action");
}

TEST(BucketPolicy, IsRefusedInS3sWords) {
  EXPECT_EQ(fault("nonsense"), "MalformedPolicy: Policies must be valid JSON and the first byte must be '{'");
  EXPECT_EQ(fault(R"({"Version":"2012-10-17"})"), "MalformedPolicy: Missing required field Statement");
  EXPECT_EQ(fault_of(kGet, kObjects, fmt::format(R"(,"Sid":"{}")", std::string(20'480, 'x'))),
            "MalformedPolicy: Normalized policy document exceeds the maximum allowed size of 20480 bytes");
}

}  // namespace
}  // namespace sightline::aws::s3
