#include "aws/wire/router.h"

#include <gtest/gtest.h>

#include "aws/wire/codec.h"
#include "aws/wire/test_json.h"
#include "aws/wire/test_query.h"
#include "aws/wire/test_request.h"
#include "aws/wire/test_xml.h"

namespace sightline::aws::wire {
namespace {

const Router& router() {
  static const Router instance({&test_json::kService, &test_query::kService, &test_xml::kService},
                               &test_xml::kService, {"localhost", "example.org"});
  return instance;
}

/// The service in the scope that signed_for() writes.
std::string signer_of(const HttpRequest& request) {
  const auto header = request.headers.find("authorization");
  if (!header) return "";
  const std::string_view rest = header->substr(header->find("us-east-1/") + 10);
  return std::string(rest.substr(0, rest.find('/')));
}

/// "Operation label=value ..." or "code status [operation]".
std::string find(const HttpRequest& request, std::string_view signer) {
  const auto found = router().find(request, signer);
  if (!found) {
    return found.error().error.code + " " + std::to_string(found.error().error.status) +
           (found.error().operation.empty() ? "" : " " + found.error().operation);
  }
  std::string text(found->operation->name);
  for (const Label& label : found->labels) text += " " + std::string(label.name) + "=" + label.value;
  return text;
}

std::string find(const HttpRequest& request) {
  return find(request, signer_of(request));
}

std::string find(std::string method, std::string target, Headers headers = {}) {
  return find(make_request(std::move(method), std::move(target), std::move(headers)));
}

TEST(Router, FindsJsonByTarget) {
  EXPECT_EQ(find("POST", "/", {{"X-Amz-Target", "TestJson.PutItem"}}), "PutItem");
  EXPECT_EQ(find("POST", "/", {{"X-Amz-Target", "TestJson.Unlisted"}}),
            "UnknownOperationException 400 Unlisted");
  EXPECT_EQ(find("POST", "/", {{"X-Amz-Target", "TestJson.Nothing"}}), "UnknownOperationException 400");
  EXPECT_EQ(find("POST", "/", {{"X-Amz-Target", "Other.PutItem"}}), "UnknownOperationException 400");
  EXPECT_EQ(find("POST", "/", {{"X-Amz-Target", "nonsense"}}), "UnknownOperationException 400");
}

TEST(Router, FindsQueryByAction) {
  const Headers form = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
  EXPECT_EQ(find(make_request("POST", "/", form, "Action=Describe&Version=2020-02-02")), "Describe");
  EXPECT_EQ(find(make_request("POST", "/", form, "Action=Describe")), "Describe");
  EXPECT_EQ(find(make_request("POST", "/", form, "Action=Unlisted&Version=2020-02-02")),
            "InvalidAction 400 Unlisted");
  EXPECT_EQ(find(make_request("POST", "/", form, "Action=No&Version=2020-02-02")), "InvalidAction 400");
  EXPECT_EQ(find("GET", "/?Action=Remove&Version=2020-02-02"), "Remove");
  EXPECT_EQ(find(make_request("GET", "/?Action=Remove"), "testquery"), "Remove");
}

TEST(Router, FormsOfNoServiceAreAnsweredAsFormsAre) {
  const auto found = router().find(
      make_request("POST", "/", {{"Content-Type", "application/x-www-form-urlencoded"}}, "Action=No"), "");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().error.format, ErrorFormat::query);
  EXPECT_EQ(found.error().error.code, "InvalidAction");
  EXPECT_EQ(&router().answering_forms(), &test_query::kService);
}

TEST(Router, TrustsTheSignaturesScope) {
  const Header scope = {"Authorization",
                        "AWS4-HMAC-SHA256 Credential=K/20200101/us-east-1/testquery/aws4_request, "
                        "SignedHeaders=host, Signature=0"};
  EXPECT_EQ(find(make_request("POST", "/", {scope, {"Content-Type", "application/x-www-form-urlencoded"}},
                              "Action=Remove")),
            "Remove");
  EXPECT_EQ(find("GET", "/bucket", {scope}), "InvalidAction 400");
}

/// What a client hears that asks for a service which is not served.
std::string unserved(const HttpRequest& request) {
  const auto found = router().find(request, signer_of(request));
  if (found || !found.error().error.format) return "served";
  return found.error().error.code + ": " + found.error().error.message;
}

Header signed_for(std::string_view service) {
  return {"Authorization", "AWS4-HMAC-SHA256 Credential=K/20200101/us-east-1/" + std::string(service) +
                               "/aws4_request, SignedHeaders=host, Signature=0"};
}

TEST(Router, NamesTheServiceThatIsNotServedAndWhatWasAskedOfIt) {
  const std::string rest = " is not served here; testjson, testquery, testxml are.";
  const Header form = {"Content-Type", "application/x-www-form-urlencoded"};
  const std::string topic = "Action=CreateTopic&Version=2010-03-31&Name=t";
  EXPECT_EQ(unserved(make_request("POST", "/", {form, signed_for("sns")}, topic)),
            "InvalidAction: The service 'sns', whose operation 'CreateTopic' of version '2010-03-31' was "
            "asked for," +
                rest);
  EXPECT_EQ(
      unserved(make_request("POST", "/", {form}, topic)),
      "InvalidAction: No service here has the operation 'CreateTopic' of version '2010-03-31'; testjson, "
      "testquery, testxml are.");
  // A version of ours, and an action that is not.
  EXPECT_NE(
      unserved(make_request("POST", "/", {form, signed_for("sns")}, "Action=Publish&Version=2020-02-02")),
      "served");
  EXPECT_EQ(
      unserved(make_request("POST", "/",
                            {{"X-Amz-Target", "DynamoDB_20120810.ListTables"}, signed_for("dynamodb")})),
      "UnknownOperationException: The service 'dynamodb', whose operation 'DynamoDB_20120810.ListTables' was "
      "asked for," +
          rest);
  EXPECT_EQ(unserved(make_request("POST", "/", {{"X-Amz-Target", "Kms.\"\x01"}})),
            "UnknownOperationException: The service 'Kms', whose operation 'Kms.\"?' was asked for," + rest);
  EXPECT_EQ(
      unserved(make_request("GET", "/2015-03-31/functions/?a=b", {signed_for("lambda")})),
      "UnknownOperationException: The service 'lambda', whose operation 'GET /2015-03-31/functions/' was "
      "asked for," +
          rest);
  EXPECT_EQ(
      unserved(make_request("POST", "/service/GraniteServiceVersion20100801/operation/ListMetrics",
                            {{"smithy-protocol", "rpc-v2-cbor"}, signed_for("monitoring")})),
      "UnknownOperationException: The service 'monitoring', whose operation 'ListMetrics' was asked for," +
          rest);
  EXPECT_EQ(unserved(make_request("GET", "/v20180820/configuration/publicAccessBlock",
                                  {{"x-amz-account-id", "000000000000"}, signed_for("testxml")})),
            "InvalidAction: The service 's3control', whose operation 'GET "
            "/v20180820/configuration/publicAccessBlock' "
            "was asked for," +
                rest);
}

TEST(Router, AnsweringAsTheUnservedServiceDoes) {
  const auto answer = [](const HttpRequest& request) {
    const auto found = router().find(request, signer_of(request));
    return encode_error(*found.error().service, found.error().error, {"the-id", ""});
  };
  const Header form = {"Content-Type", "application/x-www-form-urlencoded"};
  const auto sns = answer(make_request("POST", "/", {form, signed_for("sns")}, "Action=CreateTopic"));
  EXPECT_TRUE(sns.body.starts_with("<?xml") && sns.body.contains("<ErrorResponse><Error><Type>Sender</Type>"))
      << sns.body;
  const auto ec2 = answer(make_request("POST", "/", {form, signed_for("ec2")}, "Action=RunInstances"));
  EXPECT_TRUE(ec2.body.contains("<Response><Errors><Error><Code>InvalidAction</Code>")) << ec2.body;
  EXPECT_TRUE(ec2.body.contains("<RequestID>the-id</RequestID></Response>")) << ec2.body;
  const auto lambda = answer(make_request("GET", "/2015-03-31/functions", {signed_for("lambda")}));
  EXPECT_EQ(lambda.headers.find("x-amzn-ErrorType"), "UnknownOperationException");
  EXPECT_TRUE(lambda.body.starts_with(R"({"__type":"UnknownOperationException","message":)")) << lambda.body;
  const auto cbor = answer(make_request("POST", "/service/A/operation/B",
                                        {{"smithy-protocol", "rpc-v2-cbor"}, signed_for("monitoring")}));
  EXPECT_EQ(cbor.headers.find("smithy-protocol"), "rpc-v2-cbor");
  EXPECT_TRUE(cbor.body.starts_with("\xA2\x66__type\x78\x19UnknownOperationException\x67message"))
      << cbor.body;
  EXPECT_EQ(cbor.headers.find("x-amzn-RequestId"), "the-id");
}

TEST(Router, FindsRestByPathAndQuery) {
  EXPECT_EQ(find("GET", "/"), "ListBuckets");
  EXPECT_EQ(find("GET", "/b"), "ListThings Bucket=b");
  EXPECT_EQ(find("GET", "/b/"), "ListThings Bucket=b");
  EXPECT_EQ(find("GET", "/b?list-type=2&prefix=x"), "ListThingsV2 Bucket=b");
  EXPECT_EQ(find("GET", "/b?list-type=1"), "ListThings Bucket=b");
  EXPECT_EQ(find("GET", "/b?rules"), "GetRules Bucket=b");
  EXPECT_EQ(find("GET", "/b?rules="), "GetRules Bucket=b");
  EXPECT_EQ(find("PUT", "/b/a%20b//c%2Fd/?x-id=PutThing"), "PutThing Bucket=b Key=a b//c/d/");
  EXPECT_EQ(find("PUT", "/b//lead"), "PutThing Bucket=b Key=/lead");
  EXPECT_EQ(find("PUT", "/b/k", {{"X-Amz-Copy-Source", "/a/b"}}), "CopyThing Bucket=b Key=k");
  EXPECT_EQ(find("PUT", "/b/k?partNumber=1"), "NotImplemented 501 UploadPart");
  EXPECT_EQ(find("PATCH", "/b/k"), "MethodNotAllowed 405");
  EXPECT_EQ(find("PUT", "/b/%zz"), "MethodNotAllowed 405");
}

TEST(Router, TakesTheBucketFromTheHost) {
  EXPECT_EQ(find("PUT", "/k/l", {{"Host", "my-bucket.localhost:4566"}}), "PutThing Bucket=my-bucket Key=k/l");
  EXPECT_EQ(find("GET", "/", {{"Host", "my.bucket.LOCALHOST"}}), "ListThings Bucket=my.bucket");
  EXPECT_EQ(find("GET", "/", {{"Host", "b.s3.us-east-1.example.org"}}), "ListThings Bucket=b");
  EXPECT_EQ(find("GET", "/", {{"Host", "b.s3.example.org"}}), "ListThings Bucket=b");
  for (const char* host : {"localhost", "127.0.0.1:4566", "s3.example.org", "s3.us-east-1.example.org",
                           "evil.com", "xlocalhost"}) {
    EXPECT_EQ(find("GET", "/", {{"Host", host}}), "ListBuckets") << host;
  }
}

}  // namespace
}  // namespace sightline::aws::wire
