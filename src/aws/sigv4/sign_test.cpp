#include "aws/sigv4/sign.h"

#include <gtest/gtest.h>

#include "aws/sigv4/sigv4_test_requests.h"

namespace sightline::aws::sigv4 {
namespace {

TEST(Sign, WhatIsSignedIsVerified) {
  const std::string body = R"({"a":1})";
  wire::HttpRequest request{"POST",
                            "/a//b/../c?x=1&a=%20",
                            {{"Host", "127.0.0.1:4566"}, {"X-Amz-Target", "Service.Do"}},
                            bytes_of(body)};
  const SigningKeys keys{std::string(kKeyId), std::string(kSecret), "token"};
  ASSERT_TRUE(sign(request, keys, "eu-west-1", "service", kNow));
  EXPECT_EQ(outcome(request, kPlain), "");
  EXPECT_EQ(read_signature(request).presented->region, "eu-west-1");
  EXPECT_NE(outcome(request, kPlain, kNow, "another secret"), "");
  request.headers.set("X-Amz-Target", "Service.DoElse");
  EXPECT_NE(outcome(request, kPlain), "");
}

TEST(Sign, IsAsTheGuideHasIt) {
  // "Signature Version 4 test suite", get-vanilla.
  wire::HttpRequest request{"GET", "/", {{"Host", "example.amazonaws.com"}}, {}};
  ASSERT_TRUE(sign(request, {std::string(kKeyId), "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""},
                   "us-east-1", "service", kNow));
  EXPECT_EQ(request.headers.find("Authorization"),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

}  // namespace
}  // namespace sightline::aws::sigv4
