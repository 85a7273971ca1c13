#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/wire/test_request.h"
#include "aws/wire/test_rest.h"
#include "aws/wire/validation.h"

namespace sightline::aws::wire {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

/// The operation that is asked for, or the error's code and status.
std::string asked(std::string method, std::string target, Headers headers = {},
                  std::string_view signer = "testrest") {
  const Router router({&test_rest::kService}, &test_rest::kService, {"localhost"});
  const auto match =
      router.find(make_request(std::move(method), std::move(target), std::move(headers)), signer);
  if (match) return std::string(match->operation->name);
  return match.error().error.code + " " + std::to_string(match.error().error.status);
}

template <typename Op>
Answer<typename Op::Request> decode_thing(const HttpRequest& request) {
  const Router router({&test_rest::kService}, &test_rest::kService, {});
  const auto match = router.find(request, "testrest");
  if (!match) return std::unexpected(match.error().error);
  EXPECT_EQ(match->operation, &Op::operation);
  return decode<Op>(*match, request);
}

TEST(RestJson, FindsOperationsByTheMoreSpecificPath) {
  EXPECT_EQ(asked("GET", "/2020/things/"), "ListThings");
  EXPECT_EQ(asked("GET", "/2020/things?limit=1"), "ListThings");
  EXPECT_EQ(asked("DELETE", "/2020/things/default"), "RemoveDefault");
  EXPECT_EQ(asked("DELETE", "/2020/things/other"), "Remove");
  EXPECT_EQ(asked("POST", "/2020/things/a/invocations"), "Invoke");
  EXPECT_EQ(asked("POST", "/2020/blobs/a/b%2Fc"), "Store");
  EXPECT_EQ(asked("GET", "/2020/unlisted"), "UnknownOperationException 404");
  EXPECT_EQ(asked("GET", "/2020"), "UnknownOperationException 404");
}

TEST(RestJson, AnOperationIsFoundWithoutWhatItNeeds) {
  EXPECT_EQ(asked("DELETE", "/2020/tags/arn%3Aaws%3Atest%2Fx"), "Untag");
  const auto input =
      decode_thing<test_rest::Untag>(make_request("DELETE", "/2020/tags/arn%3Aaws%3Atest%2Fx"));
  ASSERT_TRUE(input);
  EXPECT_EQ(input->arn, "arn:aws:test/x");
  const std::vector<const Service*> services{&test_rest::kService};
  const auto validator = Validator::create(services);
  EXPECT_THAT(validator->check(test_rest::Untag::operation, &*input)->message, HasSubstr("tagKeys"));
}

TEST(RestJson, AHostNamesTheServiceOfARequestThatNobodySigned) {
  EXPECT_EQ(asked("GET", "/2020/things", {{"Host", "testrest.localhost:4566"}}, ""), "ListThings");
  EXPECT_EQ(asked("GET", "/2020/things", {{"Host", "testrest.eu-west-1.localhost"}}, ""), "ListThings");
}

TEST(RestJson, GathersMembersFromEverywhere) {
  const auto input = decode_thing<test_rest::PutThing>(
      make_request("PUT", "/2020/things/a%20b?since=2015-01-25T08%3A00%3A00Z",
                   {{"x-amz-context", "eyJhIjoxfQ=="},
                    {"X-Amz-Dates", "Sun, 25 Jan 2015 08:00:00 GMT, Sun, 25 Jan 2015 08:00:01 GMT"},
                    {"X-Amz-Words", R"(one, "two, \"2\"" ,three)"},
                    {"x-meta-colour", "red"}},
                   R"({"thing": {"name": "n", "Inner": {"Size": 2}}, "Data": "aGk=", "When": 1422172800.5,)"
                   R"( "Name": "another", "since": "x", "Other": [1]})"));
  ASSERT_TRUE(input) << input.error().message;
  EXPECT_EQ(input->name, "a b") << "what stands in the path does not stand in the body too";
  EXPECT_EQ(input->thing->name, "n");
  EXPECT_EQ(input->thing->inner->size, 2);
  EXPECT_EQ(input->data, (Bytes{'h', 'i'}));
  EXPECT_EQ(input->when, Timestamp(std::chrono::milliseconds(1422172800500)));
  EXPECT_EQ(input->since, Timestamp(seconds(1422172800)));
  EXPECT_EQ(input->context, R"({"a":1})");
  EXPECT_THAT(*input->dates, ElementsAre(Timestamp(seconds(1422172800)), Timestamp(seconds(1422172801))));
  EXPECT_THAT(*input->words, ElementsAre("one", R"(two, "2")", "three"));
  EXPECT_THAT(*input->metadata, ElementsAre(Pair("colour", "red")));
}

TEST(RestJson, TakesAllOfTheQueryAsAMap) {
  const auto input =
      decode_thing<test_rest::ListThings>(make_request("GET", "/2020/things?limit=3&a=1&b=2&a=3"));
  ASSERT_TRUE(input) << input.error().message;
  EXPECT_EQ(input->limit, 3);
  EXPECT_THAT(*input->filters, ElementsAre(Pair("a", ElementsAre("1", "3")), Pair("b", ElementsAre("2")),
                                           Pair("limit", ElementsAre("3"))));
}

TEST(RestJson, TakesABodyAsOneMember) {
  const auto invoked =
      decode_thing<test_rest::Invoke>(make_request("POST", "/2020/things/f/invocations?Qualifier=1",
                                                   {{"X-Amz-Invocation-Type", "event"}}, "\x01 any bytes"));
  ASSERT_TRUE(invoked) << invoked.error().message;
  EXPECT_EQ(invoked->name, "f");
  EXPECT_EQ(invoked->kind, "Event");
  EXPECT_EQ(invoked->qualifier, "1");
  EXPECT_EQ(invoked->payload->size(), 11U);
  const auto config = decode_thing<test_rest::PutConfig>(
      make_request("PUT", "/2020/things/f/config", {}, R"({"name": "n", "Size": 1})"));
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->config->name, "n");
  const auto stored =
      decode_thing<test_rest::Store>(make_request("POST", "/2020/blobs/a/b", {}, "not looked at"));
  ASSERT_TRUE(stored) << stored.error().message;
  EXPECT_EQ(stored->path, "a/b");
}

TEST(RestJson, RefusesWhatDoesNotFit) {
  const auto code = [](const HttpRequest& request) {
    const auto input = decode_thing<test_rest::PutThing>(request);
    return input ? "" : input.error().code;
  };
  EXPECT_EQ(code(make_request("PUT", "/2020/things/a", {}, "{")), "SerializationException");
  EXPECT_EQ(code(make_request("PUT", "/2020/things/a", {}, R"({"thing": 1})")), "SerializationException");
  EXPECT_EQ(code(make_request("PUT", "/2020/things/a", {{"X-Amz-Context", "!"}})), "ValidationException");
  EXPECT_EQ(code(make_request("PUT", "/2020/things/a", {{"X-Amz-Dates", "yesterday"}})),
            "ValidationException");
  EXPECT_EQ(code(make_request("PUT", "/2020/things/a?since=1")), "ValidationException");
}

TEST(RestJson, PutsMembersWhereTheyBelong) {
  test_rest::PutThing::Response output;
  output.thing.emplace().name = "n";
  output.when = Timestamp(std::chrono::milliseconds(1422172800500));
  output.context = R"({"a":1})";
  output.dates = {Timestamp(seconds(1422172800)), Timestamp(seconds(1422172801))};
  output.words = {"one", R"(two, "2")"};
  output.metadata.emplace()["colour"] = "red";
  const auto response = encode_answer<test_rest::PutThing>(output);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"thing":{"name":"n"},"When":1422172800.500})");
  EXPECT_EQ(response.headers.find("content-type"), "application/json");
  EXPECT_EQ(response.headers.find("x-amz-context"), "eyJhIjoxfQ==");
  EXPECT_EQ(response.headers.find("x-amz-dates"),
            "Sun, 25 Jan 2015 08:00:00 GMT, Sun, 25 Jan 2015 08:00:01 GMT");
  EXPECT_EQ(response.headers.find("x-amz-words"), R"(one, "two, \"2\"")");
  EXPECT_EQ(response.headers.find("x-meta-colour"), "red");
  EXPECT_EQ(response.headers.find("x-amzn-requestid"), "request-1");
  EXPECT_FALSE(response.headers.find("x-amz-id-2"));
}

TEST(RestJson, AnswersWithOneMemberAsTheBody) {
  test_rest::Invoke::Response output;
  EXPECT_EQ(encode_answer<test_rest::Invoke>(output).status, 202);
  output.status_code = 200;
  output.error = "Unhandled";
  output.payload = Bytes{'{', '}'};
  const auto response = encode_answer<test_rest::Invoke>(output);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "{}");
  EXPECT_EQ(response.headers.find("content-type"), "application/octet-stream");
  EXPECT_EQ(response.headers.find("x-amz-function-error"), "Unhandled");
  test_rest::PutConfig::Response config;
  config.config.emplace().size = 1;
  EXPECT_EQ(encode_answer<test_rest::PutConfig>(config).body, R"({"Size":1})");
  test_rest::Fetch::Response stored;
  stored.type = "text/css";
  EXPECT_EQ(encode_answer<test_rest::Fetch>(stored).headers.find("content-type"), "text/css");
  EXPECT_EQ(encode_answer<test_rest::Remove>({}).body, "");
}

TEST(RestJson, NamesAnErrorInItsHead) {
  const auto response =
      encode_error(test_rest::kService, service_error(test_rest::kNoSuchThing, "There is none"), kIds);
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.headers.find("x-amzn-ErrorType"), "NoSuchThing");
  EXPECT_EQ(response.headers.find("content-type"), "application/json");
  EXPECT_THAT(response.body, HasSubstr(R"("message":"There is none")"));
  EXPECT_EQ(overload_error(test_rest::kService).status, 429);
}

TEST(RestJson, AnErrorCarriesItsMembers) {
  test_rest::ThingBusy members;
  members.by.emplace().name = "n";
  members.wait = 3;
  const auto error = test_rest::thing_busy(std::move(members), "Later");
  const auto response = encode_error(test_rest::kService, error, kIds);
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(response.headers.find("retry-after"), "3");
  EXPECT_EQ(response.body, R"({"__type":"ThingBusy","message":"Later","By":{"name":"n"}})");
  // Whatever the protocol.
  EXPECT_THAT(encode_query_error({}, error, kIds).body,
              HasSubstr("<Message>Later</Message><By><name>n</name></By></Error>"));
}

}  // namespace
}  // namespace sightline::aws::wire
