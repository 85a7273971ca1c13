#include "aws/wire/rest_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/wire/test_request.h"
#include "aws/wire/test_xml.h"

namespace sightline::aws::wire {
namespace {

using std::chrono::seconds;
using test_xml::GetRules;
using test_xml::PutRules;
using test_xml::PutText;
using test_xml::PutThing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

template <typename Op>
Answer<typename Op::Request> decode_request(const HttpRequest& request) {
  const Router router({&test_xml::kService}, &test_xml::kService, {});
  const auto match = router.find(request, "");
  if (!match) return std::unexpected(match.error().error);
  EXPECT_EQ(match->operation, &Op::operation);
  return decode<Op>(*match, request);
}

Answer<PutRules::Request> rules(std::string_view body) {
  return decode_request<PutRules>(make_request("PUT", "/b?rules", {}, body));
}

TEST(RestDecoder, GathersMembersFromEverywhere) {
  const auto answer =
      decode_request<PutThing>(make_request("PUT", "/my-bucket/a%2Fb+c?versionId=v%201&word=x&word=y",
                                            {{"content-length", "9223372036854775807"},
                                             {"X-Amz-Until", "2015-01-25T08:00:00Z"},
                                             {"If-Modified-Since", "Sun, 25 Jan 2015 08:00:00 GMT"},
                                             {"X-Amz-Meta-Colour", "red"},
                                             {"x-amz-meta-Size", "1"},
                                             {"x-amz-meta-size", "2"},
                                             {"x-amz-meta-", "nameless"}},
                                            "not looked at"));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->bucket, "my-bucket");
  EXPECT_EQ(answer->key, "a/b+c");
  EXPECT_EQ(answer->length, std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(answer->until, Timestamp(seconds(1422172800)));
  EXPECT_EQ(answer->since, Timestamp(seconds(1422172800)));
  EXPECT_EQ(answer->version, "v 1");
  EXPECT_THAT(*answer->words, ElementsAre("x", "y"));
  EXPECT_THAT(*answer->metadata, ElementsAre(Pair("colour", "red"), Pair("size", "1,2")));
}

TEST(RestDecoder, RefusesHeadersThatDoNotFit) {
  const auto refused = [](Headers headers) {
    const auto answer = decode_request<PutThing>(make_request("PUT", "/b/k", std::move(headers)));
    return answer ? "" : answer.error().message;
  };
  EXPECT_THAT(refused({{"Content-Length", "-"}}), HasSubstr("Content-Length"));
  EXPECT_THAT(refused({{"If-Modified-Since", "yesterday"}}), HasSubstr("If-Modified-Since"));
  EXPECT_THAT(refused({{"x-amz-meta-a", "\xff"}}), HasSubstr("x-amz-meta-"));
}

TEST(RestDecoder, TakesEnumValuesOfHeadersAndQueriesInEitherCase) {
  const auto answer = decode_request<PutThing>(
      make_request("PUT", "/b/k?style=AWS:odd",
                   {{"x-amz-mode", "enabled"}, {"x-amz-size", "LARGE"}, {"x-amz-wanted", "small, large"}}));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->mode, "ENABLED");
  EXPECT_EQ(answer->style, "aws:Odd");
  EXPECT_EQ(answer->size, "Large");
  EXPECT_THAT(*answer->wanted, ElementsAre("SMALL", "Large"));
  const auto other = decode_request<PutThing>(make_request("PUT", "/b/k", {{"x-amz-mode", "off"}}));
  ASSERT_TRUE(other) << other.error().message;
  EXPECT_EQ(other->mode, "off") << "is left to the validation";
}

TEST(RestDecoder, RefusesEnumValuesInTheServicesWords) {
  for (const char* value : {"huge", ""}) {
    const auto answer = decode_request<PutThing>(make_request("PUT", "/b/k", {{"x-amz-size", value}}));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, "InvalidArgument");
    EXPECT_EQ(answer.error().message, "No such size");
    EXPECT_EQ(answer.error().status, 400);
    EXPECT_THAT(answer.error().details,
                ElementsAre(Pair("ArgumentName", "x-amz-size"), Pair("ArgumentValue", value)));
  }
}

TEST(RestDecoder, ReadsXml) {
  const auto answer = rules(
      "<?xml version='1.0'?><!-- hi --><s3:RuleSet xmlns:s3='urn:x' "
      "xmlns='http://s3.amazonaws.com/doc/2006-03-01/'>"
      "<Rule><ID>a&amp;&#x62;<![CDATA[<]]></ID><Days>3</Days><SubRule><On>true</On></SubRule><SubRule/></"
      "Rule>"
      "<Names><Name>x</Name><Other/><Name></Name></Names><Unknown><Rule/></Unknown>"
      "<Rule><Days> 4</Days></Rule></s3:RuleSet>");
  EXPECT_FALSE(answer);  // " 4" is no number
  const auto good = rules(
      "<RuleSet><Rule><ID>a&amp;&#x62;<![CDATA[<]]></ID><Days>3</Days><SubRule><On>true</On></"
      "SubRule><SubRule/></Rule>"
      "<Names><Name> </Name><Other/><Name></Name></Names><Unknown><Rule/></Unknown>"
      "<Owner xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:type='User'><ID>me</ID></Owner>"
      "<Since>2015-01-25T08:00:00.000Z</Since><Labels><entry><key>k</key><value>v</value></entry></"
      "Labels><Rule/></RuleSet>");
  ASSERT_TRUE(good) << good.error().message;
  const auto& set = *good->rules;
  EXPECT_EQ(good->bucket, "b");
  ASSERT_EQ(set.rule->size(), 2U);
  EXPECT_EQ((*set.rule)[0].id, "a&b<");
  EXPECT_EQ((*set.rule)[0].days, 3);
  EXPECT_EQ((*(*set.rule)[0].sub)[0].on, true);
  EXPECT_THAT(*set.names, ElementsAre(" ", ""));
  EXPECT_EQ(set.owner->type, "User");
  EXPECT_EQ(set.since, Timestamp(seconds(1422172800)));
  EXPECT_THAT(*set.labels, ElementsAre(Pair("k", "v")));
}

TEST(RestDecoder, RefusesHostileXml) {
  for (const char* body :
       {"<RuleSet>", "<Other/>", "x", "<RuleSet/><RuleSet/>",
        "<!DOCTYPE a [<!ENTITY e 'x'>]><RuleSet><Rule><ID>&e;</ID></Rule></RuleSet>",
        "<!DOCTYPE RuleSet SYSTEM 'file:///etc/passwd'><RuleSet/>",
        "<RuleSet><Rule><Days>x</Days></Rule></RuleSet>", "<RuleSet><Names/><Names/></RuleSet>",
        "<RuleSet><Names><Name>\xff</Name></Names></RuleSet>",
        // What XML 1.0 cannot carry, as itself and as a reference to it: the text would be another one.
        "<RuleSet><Names><Name>\x01</Name></Names></RuleSet>",
        "<RuleSet><Rule><ID>\uFFFE</ID></Rule></RuleSet>",
        "<RuleSet><Names><Name>&#1;</Name></Names></RuleSet>",
        "<RuleSet><Rule><ID>a&#0;b</ID></Rule></RuleSet>",
        "<RuleSet><Names><Name>&#xFFFE;</Name></Names></RuleSet>",
        "<RuleSet><Rule><ID>&#xD800;</ID></Rule></RuleSet>",
        "<RuleSet><Names><Name>&#x110000;</Name></Names></RuleSet>",
        "<RuleSet><Rule><ID>&#65</ID></Rule></RuleSet>",
        "<RuleSet><Rule><ID>&#99999999999999999999;</ID></Rule></RuleSet>"}) {
    const auto answer = rules(body);
    ASSERT_FALSE(answer) << body;
    EXPECT_EQ(answer.error().code, "MalformedXML");
  }
  std::string deep = "<RuleSet><Rule>";
  for (int i = 0; i < 100'000; ++i) deep += "<SubRule>";
  for (int i = 0; i < 100'000; ++i) deep += "</SubRule>";
  EXPECT_FALSE(rules(deep + "</Rule></RuleSet>"));
}

TEST(RestDecoder, TakesATextAsTheWholeBody) {
  const auto answer = decode_request<PutText>(make_request("PUT", "/b?text", {}, "{\"a\": 1}"));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->text, "{\"a\": 1}");
}

TEST(RestEncoder, PutsMembersWhereTheyBelong) {
  PutThing::Response output;
  output.etag = "\"abc\"";
  output.modified = Timestamp(seconds(1422172800));
  output.code = 206;
  output.metadata.emplace()["colour"] = "red";
  const auto response = encode_answer<PutThing>(output);
  EXPECT_EQ(response.status, 206);
  EXPECT_EQ(response.headers.find("etag"), "\"abc\"");
  EXPECT_EQ(response.headers.find("last-modified"), "Sun, 25 Jan 2015 08:00:00 GMT");
  EXPECT_EQ(response.headers.find("x-amz-meta-colour"), "red");
  EXPECT_EQ(response.headers.find("x-amz-request-id"), "request-1");
  EXPECT_EQ(response.headers.find("x-amz-id-2"), "host-1");
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(encode_answer<PutThing>({}).status, 204);
  PutText::Response text;
  text.text = "plain";
  EXPECT_EQ(encode_answer<PutText>(text).body, "plain");
}

TEST(RestEncoder, WritesXml) {
  GetRules::Response output;
  output.note = "n";
  output.rule.emplace().resize(1);
  output.rule->front().id = "<1>";
  output.rule->front().sub.emplace().resize(2);
  output.names = {"a", "b"};
  output.owner.emplace().type = "User";
  output.owner->id = "me";
  const auto response = encode_answer<GetRules>(output);
  EXPECT_EQ(response.headers.find("x-amz-note"), "n");
  EXPECT_EQ(
      response.body,
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<GetRulesOutput><Rule><ID>&lt;1&gt;</ID><SubRule></SubRule><SubRule></SubRule></Rule>"
      "<Names><Name>a</Name><Name>b</Name></Names>"
      "<Owner xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"User\"><ID>me</ID></Owner>"
      "</GetRulesOutput>");
}

TEST(RestEncoder, WritesErrorsAsS3Does) {
  ServiceError error = unsupported_operation(test_xml::kService, "UploadPart");
  error.details = {{"BucketName", "b"}};
  const auto response = encode_error(test_xml::kService, error, kIds, "/b/k");
  EXPECT_EQ(response.status, 501);
  EXPECT_THAT(response.body, HasSubstr("<Error><Code>NotImplemented</Code><Message>"));
  EXPECT_THAT(response.body,
              HasSubstr("<BucketName>b</BucketName><Resource>/b/k</Resource><RequestId>request-1"
                        "</RequestId><HostId>host-1</HostId></Error>"));
}

}  // namespace
}  // namespace sightline::aws::wire
