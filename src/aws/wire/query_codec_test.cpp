#include "aws/wire/query_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/wire/test_query.h"
#include "aws/wire/test_request.h"

namespace sightline::aws::wire {
namespace {

using test_query::Describe;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST(FormDecoder, ReadsScalars) {
  const auto answer = decode_body<Describe>(
      "Action=Describe&Version=2020-02-02&Name=a+b%26%C3%A4&Data=aGk%3D&When=2015-01-25T08%3A00%3A00Z&Count=-"
      "7&On=true&Other=1");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->name, "a b&\u00e4");
  EXPECT_EQ(answer->data, (Bytes{'h', 'i'}));
  EXPECT_EQ(answer->when, Timestamp(std::chrono::seconds(1422172800)));
  EXPECT_EQ(answer->count, -7);
  EXPECT_EQ(answer->on, true);
  EXPECT_FALSE(answer->tags);
}

TEST(FormDecoder, ReadsListsAndMapsInOrder) {
  std::string form = "Map.entry.1.key=k&Map.entry.1.value=v&FlatMap.1.Name=n&FlatMap.1.Content=c";
  for (int i = 12; i >= 1; --i) form += "&Flat." + std::to_string(i) + "=" + std::to_string(i);
  form += "&Tags.member.2.Key=b&Tags.member.1.Key=a&Tags.member.1.Value=&Tags.member.4.Key=lost";
  const auto answer = decode_body<Describe>(form);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_THAT(*answer->flat, ElementsAre("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"));
  EXPECT_THAT(*answer->map, ElementsAre(Pair("k", "v")));
  EXPECT_THAT(*answer->flat_map, ElementsAre(Pair("n", "c")));
  ASSERT_EQ(answer->tags->size(), 2U);
  EXPECT_EQ((*answer->tags)[0].value, "");
  EXPECT_EQ((*answer->tags)[1].key, "b");
  EXPECT_FALSE((*answer->tags)[1].value);
}

TEST(FormDecoder, ReadsAFlattenedListUnderItsElementsNameUnlessItHasOneOfItsOwn) {
  const auto answer =
      decode_body<Describe>("Port.1=1&Port.2=2&Gate.1=3&Flags.member.1=true&Flags.member.2=false");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_THAT(*answer->ports, ElementsAre(1, 2));
  EXPECT_THAT(*answer->gates, ElementsAre(3));
  EXPECT_THAT(*answer->flags, ElementsAre(true, false));
  const auto empty = decode_body<Describe>("Tags=&Port=");
  ASSERT_TRUE(empty) << empty.error().message;
  EXPECT_TRUE(empty->tags->empty());
}

TEST(FormDecoder, ReadsValuesThatContainThemselves) {
  const auto answer = decode_body<Describe>("Nested.Inner.Inner.Name=x&Nested.More.member.1.Name=y");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->nested->inner->inner->name, "x");
  EXPECT_EQ((*answer->nested->more)[0].name, "y");
}

TEST(FormDecoder, RefusesWhatDoesNotFit) {
  EXPECT_THAT(message_of<Describe>("Count=x"), HasSubstr("ValidationError: The value of Count"));
  EXPECT_THAT(message_of<Describe>("Count=2147483648"), HasSubstr("Count"));
  EXPECT_THAT(message_of<Describe>("Count.1=1"), HasSubstr("Count"));
  EXPECT_THAT(message_of<Describe>("Name=%ff"), HasSubstr("Name"));
  EXPECT_THAT(message_of<Describe>("Name=%f"), HasSubstr("MalformedInput"));
  EXPECT_THAT(message_of<Describe>("Name=a&Name=b"), HasSubstr("given twice"));
  EXPECT_THAT(message_of<Describe>("Map.entry.1.key=a"), HasSubstr("lacks"));
  EXPECT_THAT(message_of<Describe>("FlatMap.1.Name=a&FlatMap.1.Content=&FlatMap.2.Name=a&FlatMap.2.Content="),
              HasSubstr("before"));
}

TEST(FormDecoder, BoundsDepthAndNumber) {
  std::string deep = "Nested";
  for (int i = 0; i < 200; ++i) deep += ".Inner";
  EXPECT_THAT(message_of<Describe>(deep + ".Name=x"), HasSubstr("too deep"));
  std::string wide = "a=1";
  for (int i = 0; i < 10'001; ++i) wide += "&a" + std::to_string(i) + "=";
  EXPECT_THAT(message_of<Describe>(wide), HasSubstr("MalformedInput"));
}

TEST(QueryAnswer, WrapsTheResult) {
  Describe::Response output;
  output.name = "<a> & \"b\"\x01";
  output.tags.emplace().push_back({"k", std::nullopt});
  output.flat = {"1", "2"};
  output.map.emplace()["k"] = "v";
  output.flat_map.emplace()["n"] = "c";
  output.nested.emplace().inner.emplace();
  output.when = Timestamp(std::chrono::milliseconds(1422172800500));
  output.on = true;
  const auto response = encode_answer<Describe>(output);
  EXPECT_EQ(response.body,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<DescribeResponse xmlns=\"https://test.example/doc/2020-02-02/\"><DescribeResult>"
            "<Name>&lt;a&gt; &amp; &quot;b&quot;\xEF\xBF\xBD</Name>"
            "<Tags><member><Key>k</Key></member></Tags><Flat>1</Flat><Flat>2</Flat>"
            "<Map><entry><key>k</key><value>v</value></entry></Map><FlatMap><Name>n</Name><Content>c</"
            "Content></FlatMap>"
            "<Nested><Inner></Inner></Nested><When>2015-01-25T08:00:00.500Z</When><On>true</On>"
            "</DescribeResult><ResponseMetadata><RequestId>request-1</RequestId></ResponseMetadata></"
            "DescribeResponse>");
  EXPECT_EQ(response.headers.find("content-type"), "text/xml");
  EXPECT_EQ(response.headers.find("x-amzn-requestid"), "request-1");
}

TEST(QueryAnswer, RepeatsAFlattenedListsName) {
  Describe::Response output;
  output.ports = {1, 2};
  output.gates = {3};
  output.flags = {true};
  EXPECT_THAT(encode_answer<Describe>(output).body,
              HasSubstr("<Port>1</Port><Port>2</Port><Gate>3</Gate><Flags><member>true</member></Flags>"));
}

TEST(QueryAnswer, SaysWhoseFaultAnErrorIs) {
  const auto response =
      encode_error(test_query::kService, service_error(test_query::kNoSuchThing, "no <thing>"), kIds);
  EXPECT_EQ(response.status, 404);
  EXPECT_THAT(response.body,
              HasSubstr("<Error><Type>Sender</Type><Code>NoSuchThing</Code><Message>no &lt;thing&gt;"
                        "</Message></Error><RequestId>request-1</RequestId></ErrorResponse>"));
  EXPECT_THAT(encode_error(test_query::kService, internal_error(test_query::kService), kIds).body,
              HasSubstr("<Type>Receiver</Type>"));
}

}  // namespace
}  // namespace sightline::aws::wire
