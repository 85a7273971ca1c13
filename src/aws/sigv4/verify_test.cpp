#include "aws/sigv4/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/sigv4/sigv4_test_requests.h"

namespace sightline::aws::sigv4 {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::StartsWith;
using wire::Headers;
using wire::HttpRequest;

/// One case of AWS's Signature Version 4 test suite: what is sent, and the signature that is right.
struct Vector {
  const char* name;
  const char* method;
  const char* target;
  Headers headers;  ///< beside Host and X-Amz-Date
  const char* body;
  const char* signed_headers;
  const char* signature;
};

const std::vector<Vector>& vectors() {
  static const std::vector<Vector> all = {
      {"get-vanilla",
       "GET",
       "/",
       {},
       "",
       "host;x-amz-date",
       "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
      {"post-vanilla",
       "POST",
       "/",
       {},
       "",
       "host;x-amz-date",
       "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
      {"get-vanilla-query-order-key-case",
       "GET",
       "/?Param2=value2&Param1=value1",
       {},
       "",
       "host;x-amz-date",
       "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
      {"get-header-value-trim",
       "GET",
       "/",
       {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}},
       "",
       "host;my-header1;my-header2;x-amz-date",
       "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
      {"get-header-key-duplicate",
       "GET",
       "/",
       {{"My-Header1", "value2"}, {"My-Header1", "value2"}, {"My-Header1", "value1"}},
       "",
       "host;my-header1;x-amz-date",
       "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
      {"get-utf8",
       "GET",
       "/\u1234",
       {},
       "",
       "host;x-amz-date",
       "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
      {"get-space",
       "GET",
       "/example space/",
       {},
       "",
       "host;x-amz-date",
       "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
      {"get-slashes",
       "GET",
       "//example//",
       {},
       "",
       "host;x-amz-date",
       "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
      {"get-relative-relative",
       "GET",
       "/example1/example2/../..",
       {},
       "",
       "host;x-amz-date",
       "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
      {"post-header-key-sort",
       "POST",
       "/",
       {{"My-Header1", "value1"}},
       "",
       "host;my-header1;x-amz-date",
       "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"},
      {"post-x-www-form-urlencoded",
       "POST",
       "/",
       {{"Content-Type", "application/x-www-form-urlencoded"}},
       "Param1=value1",
       "content-type;host;x-amz-date",
       "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
  };
  return all;
}

HttpRequest request_of(const Vector& vector) {
  HttpRequest request{
      vector.method, vector.target, {{"Host", "example.amazonaws.com"}}, bytes_of(vector.body)};
  for (const wire::Header& line : vector.headers) request.headers.add(line.name, line.value);
  request.headers.add("X-Amz-Date", "20150830T123600Z");
  request.headers.add("Authorization",
                      fmt::format("AWS4-HMAC-SHA256 Credential={}/20150830/us-east-1/service/aws4_request, "
                                  "SignedHeaders={}, Signature={}",
                                  kKeyId, vector.signed_headers, vector.signature));
  return request;
}

TEST(SigV4, AgreesWithAwsTestSuite) {
  for (const Vector& vector : vectors()) EXPECT_EQ(outcome(request_of(vector), kPlain), "") << vector.name;
}

TEST(SigV4, AgreesWithAwsExampleOfAPresignedRequest) {
  // "Authenticating Requests: Using Query Parameters" in Amazon S3's API reference.
  const HttpRequest request{
      "GET",
      "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2F"
      "us-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&"
      "X-Amz-SignedHeaders=host&X-Amz-Signature="
      "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
      {{"Host", "examplebucket.s3.amazonaws.com"}}};
  const std::chrono::sys_seconds then{seconds(1369353600)};
  const std::string_view secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
  EXPECT_EQ(outcome(request, kS3, then, secret), "");
  EXPECT_EQ(outcome(request, kS3, then + hours(24), secret), "");
  EXPECT_EQ(outcome(request, kS3, then + hours(24) + seconds(1), secret),
            "AccessDenied: Request has expired");
  EXPECT_EQ(outcome(request, kS3, then - minutes(16), secret), "AccessDenied: Request is not yet valid");
}

TEST(SigV4, AgreesWithAwsExampleOfSignedChunks) {
  // "Transferring Payload in Multiple Chunks" in Amazon S3's API reference.
  const std::string_view secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
  HttpRequest request{
      "PUT",
      "/examplebucket/chunkObject.txt",
      {{"Host", "s3.amazonaws.com"},
       {"x-amz-date", "20130524T000000Z"},
       {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
       {"Content-Encoding", "aws-chunked"},
       {"x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"},
       {"x-amz-decoded-content-length", "66560"},
       {"Content-Length", "66824"},
       {"Authorization",
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders="
        "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;"
        "x-amz-storage-class,Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"}}};
  const auto presented = accept_form(read_signature(request), kS3);
  ASSERT_TRUE(presented) << presented.error().message;
  const auto head = verify(request, kS3, *presented, secret, std::chrono::sys_seconds(seconds(1369353600)));
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->payload, Payload::streaming_signed);
  const std::string first =
      chunk_signature(*head, head->seed_signature, sha256_hex(bytes_of(std::string(65536, 'a'))));
  EXPECT_EQ(first, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648");
  const std::string second = chunk_signature(*head, first, sha256_hex(bytes_of(std::string(1024, 'a'))));
  EXPECT_EQ(second, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497");
  EXPECT_EQ(chunk_signature(*head, second, sha256_hex({})),
            "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9");
}

HttpRequest s3_request(std::string_view hash) {
  HttpRequest request{"PUT",
                      "/b/a%20b//c/../%C3%A4+~",
                      {{"Host", "127.0.0.1:4566"},
                       {"X-Amz-Date", "20150830T123600Z"},
                       {"X-Amz-Content-SHA256", std::string(hash)}}};
  sign_all(request, kS3);
  return request;
}

TEST(SigV4, TellsWhatTheSignatureSaysOfTheBody) {
  const std::vector<std::pair<std::string, Payload>> kinds = {
      {std::string(64, 'a'), Payload::hashed},
      {"UNSIGNED-PAYLOAD", Payload::unsigned_body},
      {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", Payload::streaming_signed},
      {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", Payload::streaming_signed_trailer},
      {"STREAMING-UNSIGNED-PAYLOAD-TRAILER", Payload::streaming_unsigned_trailer}};
  for (const auto& [hash, kind] : kinds) {
    const HttpRequest request = s3_request(hash);
    const auto presented = accept_form(read_signature(request), kS3);
    ASSERT_TRUE(presented) << hash;
    const auto verified = verify(request, kS3, *presented, kSecret, kNow);
    ASSERT_TRUE(verified) << hash;
    EXPECT_EQ(verified->payload, kind);
    EXPECT_EQ(verified->payload_hash, hash);
  }
  EXPECT_THAT(outcome(s3_request("nonsense"), kS3), StartsWith("InvalidArgument"));
}

TEST(SigV4, HoldsTheClockWindowBothWays) {
  const HttpRequest request = request_of(vectors()[0]);
  EXPECT_EQ(outcome(request, kPlain, kNow + minutes(15)), "");
  EXPECT_EQ(outcome(request, kPlain, kNow - minutes(15)), "");
  EXPECT_EQ(
      outcome(request, kPlain, kNow + minutes(15) + seconds(1)),
      "InvalidSignatureException: Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z "
      "(20150830T125101Z - 15 min.)");
  EXPECT_EQ(outcome(request, kPlain, kNow - minutes(15) - seconds(1)),
            "InvalidSignatureException: Signature not yet current: 20150830T123600Z is still later than "
            "20150830T123559Z (20150830T122059Z + 15 min.)");
  EXPECT_THAT(outcome(s3_request("UNSIGNED-PAYLOAD"), kS3, kNow + hours(1)),
              StartsWith("RequestTimeTooSkewed"));
}

TEST(SigV4, ReadsTheDateHeaderToo) {
  HttpRequest request{"GET", "/", {{"Host", "h"}, {"Date", "Sun, 30 Aug 2015 12:36:00 GMT"}}};
  sign_all(request, kPlain);
  EXPECT_EQ(outcome(request, kPlain), "");
}

TEST(SigV4, NamesTheServiceThatARequestIsSignedForWhateverTheRestIs) {
  const auto named = [](std::string target, std::string_view authorization = {}) {
    HttpRequest request{"GET", std::move(target), {{"Host", "h"}}};
    if (!authorization.empty()) request.headers.add("Authorization", std::string(authorization));
    return read_signature(request).service;
  };
  EXPECT_EQ(named("/", "AWS4-HMAC-SHA256 Credential=K/20150830/us-east-1/lambda/aws4_request"), "lambda");
  EXPECT_EQ(named("/", "AWS4-HMAC-SHA256 Credential=K/20150830/us-east-1"), "");
  EXPECT_EQ(named("/", "Bearer token"), "");
  EXPECT_EQ(named("/?X-Amz-Credential=K%2F20150830%2Fus-east-1%2Fsqs%2Faws4_request"), "sqs");
  // Version 2 does not say that it is for S3, and is for nothing else.
  EXPECT_EQ(named("/b/k?AWSAccessKeyId=K&Expires=1&Signature=s"), "s3");
  EXPECT_EQ(named("/b/k?AWSAccessKeyId=K"), "");
}

TEST(SigV4, AnswersInTheWordsOfEachFamily) {
  const HttpRequest anonymous{"GET", "/", {{"Host", "h"}}};
  EXPECT_FALSE(read_signature(anonymous).present());
  EXPECT_THAT(outcome(anonymous, kPlain), StartsWith("MissingAuthenticationTokenException"));
  EXPECT_THAT(outcome(anonymous, kForms), StartsWith("MissingAuthenticationToken:"));
  EXPECT_THAT(outcome(anonymous, kS3), StartsWith("AccessDenied"));
  const auto with = [](std::string authorization_value) {
    return HttpRequest{"GET",
                       "/",
                       {{"Host", "h"},
                        {"X-Amz-Date", "20150830T123600Z"},
                        {"Authorization", std::move(authorization_value)}}};
  };
  for (const char* broken :
       {"AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 ", "AWS4-HMAC-SHA256 Credential=a", "Bearer x", "AWS key:sig",
        "AWS4-ECDSA-P256-SHA256 Credential=A/20150830/service/aws4_request, SignedHeaders=host, Signature=0",
        "AWS4-HMAC-SHA256 Credential=A/20150830/us-east-1/service/aws4_request, SignedHeaders=host",
        "AWS4-HMAC-SHA256 Credential=A/20150830/us-east-1/service/aws4_request, SignedHeaders=HOST, "
        "Signature=0",
        "AWS4-HMAC-SHA256 Credential=A/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=x-amz-date;host, Signature=0",
        "AWS4-HMAC-SHA256 Credential=A/20150830/us-east-1/service/aws4_request, SignedHeaders=host;host, "
        "Signature=0",
        "AWS4-HMAC-SHA256 Credential=A/20150830/us-east-1/service/aws4, SignedHeaders=host, Signature=0",
        "AWS4-HMAC-SHA256 Credential=/20150830/us-east-1/service/aws4_request, SignedHeaders=host, "
        "Signature=0",
        "AWS4-HMAC-SHA256 Credential=A/B/20150830/us-east-1/service/aws4_request, SignedHeaders=host, "
        "Signature=0",
        "AWS4-HMAC-SHA256 Credential=A/20150830/us-east-1/service/aws4_request, SignedHeaders=host, "
        "Signature=0, Signature=1"}) {
    EXPECT_THAT(outcome(with(broken), kPlain), StartsWith("IncompleteSignatureException")) << broken;
    EXPECT_THAT(outcome(with(broken), kS3), StartsWith("AuthorizationHeaderMalformed")) << broken;
  }
  EXPECT_THAT(outcome({"GET", "/?X-Amz-Algorithm=AWS4-HMAC-SHA256", {{"Host", "h"}}}, kS3),
              StartsWith("AuthorizationQueryParametersError"));
  const HttpRequest wrong = request_of({"", "GET", "/", {}, "", "host;x-amz-date", "00"});
  EXPECT_THAT(outcome(wrong, kPlain),
              StartsWith("InvalidSignatureException: The request signature we calculated"));
  EXPECT_THAT(outcome(wrong, kForms),
              StartsWith("SignatureDoesNotMatch: Credential should be scoped to correct service: 'forms'."));
}

TEST(SigV2, AgreesWithAwsExampleOfAPresignedRequest) {
  // "Signing and authenticating REST requests": query string request authentication.
  const HttpRequest request{
      "GET",
      "/photos/puppy.jpg?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&"
      "Expires=1175139620",
      {{"Host", "johnsmith.s3.amazonaws.com"}}};
  const std::string_view secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
  const std::chrono::sys_seconds then{seconds(1175139620)};
  EXPECT_EQ(outcome(request, kS3, then, secret, "johnsmith"), "");
  EXPECT_EQ(outcome(request, kS3, then + seconds(1), secret, "johnsmith"),
            "AccessDenied: Request has expired");
  EXPECT_THAT(outcome(request, kS3, then, secret, "other"), StartsWith("SignatureDoesNotMatch"));
  EXPECT_THAT(outcome(request, kPlain, then, secret), StartsWith("MissingAuthenticationTokenException"));
}

TEST(UnsignedForm, SaysHowTheBodyIsFramed) {
  const auto payload = [](wire::Headers headers) {
    return unsigned_form({"PUT", "/b/k", std::move(headers), {}});
  };
  EXPECT_EQ(payload({})->payload, Payload::unsigned_body);
  const auto streamed = payload({{"x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}});
  EXPECT_EQ(streamed->payload, Payload::streaming_unsigned_trailer);
  const std::string hash(64, '0');
  EXPECT_EQ(unverified(*payload({{"x-amz-content-sha256", hash}})).payload_hash, hash);
  EXPECT_FALSE(payload({{"x-amz-content-sha256", "nonsense"}}));
}

}  // namespace
}  // namespace sightline::aws::sigv4
