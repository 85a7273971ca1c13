#include "aws/wire/json_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/wire/test_json.h"
#include "aws/wire/test_request.h"
#include "base/base64.h"

namespace sightline::aws::wire {
namespace {

using std::chrono::milliseconds;
using test_json::Check;
using test_json::PutItem;
using test_json::PutItemOutput;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Bytes bytes(std::string_view text) {
  return {text.begin(), text.end()};
}

std::string encoded(const PutItemOutput& output) {
  return encode_answer<PutItem>(output).body;
}

TEST(JsonDecoder, ReadsEveryScalar) {
  const auto answer = decode_body<PutItem>(
      R"({"Item":{}, "When": 1422172800.123, "WhenText":"2015-01-25T08:00:00.123Z", "Count":-2147483648,
          "Big":9223372036854775807, "Ratio": 0.1, "Exact": 1e-7, "On": true, "delete":"a\u00e9\ud83d\ude00\n"})");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->when, Timestamp(milliseconds(1422172800123)));
  EXPECT_EQ(answer->when_text, Timestamp(milliseconds(1422172800123)));
  EXPECT_EQ(answer->count, std::numeric_limits<std::int32_t>::min());
  EXPECT_EQ(answer->big, std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(answer->ratio, 0.1F);
  EXPECT_EQ(answer->exact, 1e-7);
  EXPECT_EQ(answer->on, true);
  EXPECT_EQ(answer->delete_, "a\u00e9\U0001F600\n");
  EXPECT_FALSE(answer->tree);
}

TEST(JsonDecoder, ReadsValuesThatContainThemselves) {
  const auto answer = decode_body<PutItem>(
      R"({"Item":{"m":{"M":{"inner":{"L":[{"S":"x"},{"B":"aGk="},{"BS":["YQ==","Yg=="]},{"L":[]}]}}}},
          "Tree":{"Name":"a","Child":{"Name":"b","Child":{}}}})");
  ASSERT_TRUE(answer) << answer.error().message;
  const auto& list = *answer->item->at("m").m->at("inner").l;
  ASSERT_EQ(list.size(), 4U);
  EXPECT_EQ(list[0].s, "x");
  EXPECT_EQ(list[1].b, bytes("hi"));
  EXPECT_THAT(*list[2].bs, ElementsAre(bytes("a"), bytes("b")));
  EXPECT_TRUE(list[3].l->empty());
  EXPECT_EQ(answer->tree->child->name, "b");
  EXPECT_TRUE(answer->tree->child->child);
  EXPECT_FALSE(answer->tree->child->child->child);
  const PutItem::Request copy = *answer;  // deep
  EXPECT_EQ(copy.tree->child->name, "b");
}

TEST(JsonDecoder, SkipsWhatItDoesNotKnow) {
  const auto answer = decode_body<PutItem>(
      R"({"New":{"Item":[{"Big":1}],"x":"y"},"Other":[[],{}],"Item":{"a":{"S":"b","Z":{"q":1}}},"Z":null,"Big":null})");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->item->at("a").s, "b");
  EXPECT_FALSE(answer->big);
}

TEST(JsonDecoder, RefusesWhatDoesNotFit) {
  EXPECT_EQ(message_of<PutItem>(R"({"Big":"1"})"),
            "SerializationException: STRING_VALUE cannot be converted to Long");
  EXPECT_EQ(message_of<PutItem>(R"({"delete":1})"),
            "SerializationException: NUMBER_VALUE cannot be converted to String");
  EXPECT_EQ(message_of<PutItem>(R"({"delete":true})"),
            "SerializationException: TRUE_VALUE cannot be converted to String");
  EXPECT_THAT(message_of<PutItem>(R"({"Item":[]})"), HasSubstr("Start of list found"));
  EXPECT_THAT(message_of<PutItem>(R"({"Count":{}})"), HasSubstr("Start of structure or map found"));
  EXPECT_THAT(message_of<PutItem>(R"({"Item":"x"})"), HasSubstr("STRING_VALUE cannot be converted to Map"));
  EXPECT_THAT(message_of<PutItem>(R"({"Item":{"a":{"B":"???"}}})"), HasSubstr("Base64"));
  EXPECT_THAT(message_of<PutItem>(R"({"Item":{"a":{"L":[null]}}})"), HasSubstr("null"));
  for (const char* number : {"2147483648", "-2147483649", "1.5", "1e3"}) {
    EXPECT_NE(message_of<PutItem>(std::string(R"({"Count":)") + number + "}"), "") << number;
  }
  EXPECT_NE(message_of<PutItem>(R"({"Big":9223372036854775808})"), "");
  EXPECT_NE(message_of<PutItem>(R"({"Exact":1e999})"), "");
  EXPECT_NE(message_of<PutItem>(R"({"When":1e15})"), "");
  for (const char* broken : {"{", "[]", "null", "{}x", R"({"a" 1})", R"({"delete":"\ud800"})",
                             "{\"delete\":\"\xff\"}", "\xEF\xBB\xBF{}"}) {
    EXPECT_THAT(message_of<PutItem>(broken), HasSubstr("SerializationException")) << broken;
  }
}

TEST(JsonDecoder, RefusesAMemberOrKeyTwice) {
  EXPECT_THAT(message_of<PutItem>(R"({"Big":1,"Big":2})"), HasSubstr("given twice"));
  EXPECT_THAT(message_of<PutItem>(R"({"Item":{"a":{"S":""},"a":{"S":""}}})"), HasSubstr("given twice"));
}

TEST(JsonDecoder, BoundsDepthAndElements) {
  std::string deep;
  for (int i = 0; i < 49; ++i) deep += R"({"L":[)";
  for (int i = 0; i < 49; ++i) deep += "]}";
  EXPECT_TRUE(decode_body<PutItem>(R"({"Item":{"a":)" + deep + "}}"));
  EXPECT_FALSE(decode_body<PutItem>(R"({"Item":{"a":)" + std::string(R"({"L":[)") + deep + "]}}}"));
  EXPECT_FALSE(decode_body<PutItem>(R"({"New":)" + std::string(100'000, '[')));
  std::string wide = R"({"Item":{"a":{"L":[{})";
  for (int i = 0; i < 300'000; ++i) wide += ",{}";
  EXPECT_THAT(message_of<PutItem>(wide + "]}}}"), HasSubstr("too many elements"));
}

TEST(JsonDecoder, DecodesABlobInAnyPieces) {
  Bytes picture(100'000);
  for (std::size_t i = 0; i < picture.size(); ++i) picture[i] = static_cast<std::uint8_t>(i * 7);
  std::string text = base64_encode(picture);
  for (std::size_t at = text.find('/'); at != std::string::npos; at = text.find('/', at + 2))
    text.insert(at, "\\");
  const auto answer = decode_body<PutItem>(R"({"Item":{"a":{"B":")" + text + R"("}}})");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->item->at("a").b, picture);
}

TEST(JsonDecoder, TakesAnEmptyBodyForAnEmptyObject) {
  EXPECT_TRUE(decode_body<Check>(""));
}

TEST(JsonEncoder, WritesWhatIsThere) {
  EXPECT_EQ(encoded({}), "{}");
  PutItemOutput output;
  output.item.emplace()["a\"b"].b = bytes("hi");
  output.item->at("a\"b").l.emplace().emplace_back().s = "\x01\n\\";
  output.tree.emplace().child.emplace().name = "leaf";
  EXPECT_EQ(encoded(output),
            R"({"Item":{"a\"b":{"B":"aGk=","L":[{"S":"\u0001\n\\"}]}},"Tree":{"Child":{"Name":"leaf"}}})");
}

TEST(JsonEncoder, WritesNumbersExactly) {
  PutItemOutput output;
  output.when = Timestamp(milliseconds(1422172800120));
  output.when_text = output.when;
  output.ratio = 99.99876F;
  output.exact = 0.1;
  output.big = std::numeric_limits<std::int64_t>::min();
  output.on = false;
  EXPECT_EQ(encoded(output),
            R"({"When":1422172800.120,"WhenText":"2015-01-25T08:00:00.120Z","Ratio":99.99876,"Exact":0.1,)"
            R"("Big":-9223372036854775808,"On":false})");
  PutItemOutput odd;
  odd.ratio = std::numeric_limits<float>::infinity();
  odd.exact = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(encoded(odd), R"({"Ratio":"Infinity","Exact":"NaN"})");
}

TEST(JsonEncoder, NamesErrorsForOldClientsToo) {
  const auto response =
      encode_error(test_json::kService, service_error(test_json::kItemGone, "It is \"gone\"."), kIds);
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body, R"({"__type":"ItemGone","message":"It is \"gone\"."})");
  EXPECT_EQ(response.headers.find("Content-Type"), "application/x-amz-json-1.0");
  EXPECT_EQ(response.headers.find("x-amzn-requestid"), "request-1");
  EXPECT_EQ(response.headers.find("x-amzn-query-error"), "Test.ItemGone;Sender");
}

}  // namespace
}  // namespace sightline::aws::wire
