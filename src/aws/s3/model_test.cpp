#include "aws/s3/model.h"

#include <gtest/gtest.h>

#include "aws/wire/test_request.h"

namespace sightline::aws::s3 {
namespace {

const wire::Router& router() {
  static const wire::Router instance({&kService}, &kService, {"localhost"});
  return instance;
}

/// The operation, or the error's code and the operation that it is about.
std::string find(std::string method, std::string target, wire::Headers headers = {}) {
  const auto found = router().find({std::move(method), std::move(target), std::move(headers), {}}, "s3");
  if (found) return std::string(found->operation->name);
  return found.error().error.code + " " + found.error().operation;
}

TEST(S3, TellsItsOperationsApart) {
  EXPECT_EQ(find("GET", "/b/k?x-id=GetObject"), "GetObject");
  EXPECT_EQ(find("GET", "/b/k?versionId=1&partNumber=2"), "GetObject");
  EXPECT_EQ(find("PUT", "/b/k?x-id=PutObject"), "PutObject");
  EXPECT_EQ(find("PUT", "/k", {{"Host", "b.localhost:4566"}}), "PutObject");
  EXPECT_EQ(find("GET", "/b/k?acl"), "NotImplemented GetObjectAcl");
  EXPECT_EQ(find("GET", "/b/k?uploadId=1"), "ListParts");
  EXPECT_EQ(find("PUT", "/b/k?uploadId=1&partNumber=1"), "UploadPart");
  EXPECT_EQ(find("PUT", "/b/k?uploadId=1&partNumber=1", {{"x-amz-copy-source", "a/b"}}), "UploadPartCopy");
  EXPECT_EQ(find("PUT", "/b/k", {{"x-amz-copy-source", "a/b"}}), "CopyObject");
  EXPECT_EQ(find("POST", "/b/k?uploads"), "CreateMultipartUpload");
  EXPECT_EQ(find("POST", "/b/k?uploads="), "CreateMultipartUpload");
  EXPECT_EQ(find("POST", "/b?delete"), "DeleteObjects");
  EXPECT_EQ(find("GET", "/b?list-type=2&prefix="), "ListObjectsV2");
  EXPECT_EQ(find("GET", "/b"), "ListObjects");
  EXPECT_EQ(find("GET", "/b?lifecycle"), "NotImplemented GetBucketLifecycleConfiguration");
  EXPECT_EQ(find("PUT", "/b?policy"), "PutBucketPolicy");
  EXPECT_EQ(find("GET", "/b?policyStatus"), "GetBucketPolicyStatus");
  EXPECT_EQ(find("DELETE", "/b?publicAccessBlock"), "DeletePublicAccessBlock");
  EXPECT_EQ(find("GET", "/"), "ListBuckets");
  EXPECT_EQ(find("POST", "/b"), "MethodNotAllowed ");
}

TEST(S3, ReadsAndAnswersAnObjectsHead) {
  const wire::HttpRequest request{
      "PUT",
      "/b/a%2Fb",
      {{"x-amz-meta-a", "1"}, {"Content-Type", "image/jpeg"}, {"Content-Length", "7"}},
      {}};
  const auto match = router().find(request, "s3");
  ASSERT_TRUE(match);
  EXPECT_TRUE(!match->operation->streamed_input.empty());
  const auto put = wire::decode<PutObject>(*match, request);
  ASSERT_TRUE(put) << put.error().message;
  EXPECT_EQ(put->key, "a/b");
  EXPECT_EQ(put->content_length, 7);
  EXPECT_EQ(put->metadata->at("a"), "1");
  GetObject::Response got;
  got.etag = "\"x\"";
  got.last_modified = wire::Timestamp(std::chrono::seconds(1422172800));
  const auto response = wire::encode_answer<GetObject>(got, {"r", "h"});
  EXPECT_EQ(response.headers.find("ETag"), "\"x\"");
  EXPECT_EQ(response.headers.find("Last-Modified"), "Sun, 25 Jan 2015 08:00:00 GMT");
  EXPECT_EQ(response.body, "");
}

TEST(S3, NamesErrorsThatItsModelLeavesOut) {
  const auto response =
      wire::encode_error(kService, wire::service_error(kInvalidRange, "no"), {"r", "h"}, "/b/k");
  EXPECT_EQ(response.status, 416);
  EXPECT_NE(response.body.find("<Code>InvalidRange</Code>"), std::string::npos);
}

}  // namespace
}  // namespace sightline::aws::s3
