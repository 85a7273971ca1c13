#include "aws/wire/validation.h"

#include <gtest/gtest.h>

#include "aws/wire/test_json.h"
#include "aws/wire/test_request.h"

namespace sightline::aws::wire {
namespace {

using test_json::Check;

/// What is wrong with a Check request; empty where nothing is.
std::string check(std::string_view body) {
  const std::array services = {&test_json::kService};
  const auto validator = Validator::create(services);
  if (!validator) return validator.error().message;
  const auto request = decode_body<Check>(body);
  if (!request) return request.error().message;
  const auto problem = validator->check(Check::operation, &*request);
  if (!problem) return "";
  EXPECT_EQ(problem->type, "ValidationException");
  return problem->message;
}

constexpr std::string_view kOne = "1 validation error detected: ";

TEST(Validation, LetsGoodRequestsPass) {
  EXPECT_EQ(
      check(R"({"Name":"abc","Items":[{"Key":"k.1"}],"Kinds":["RED"],"Data":"aGk=","Secret":"s","Percent":100,
                      "Tags":{"RED":"\u00e4 b"}, "Path":""})"),
      "");
}

TEST(Validation, TellsWhatIsMissing) {
  EXPECT_EQ(
      check("{}"),
      "2 validation errors detected: Value null at 'name' failed to satisfy constraint: Member must not be "
      "null; Value null at 'items' failed to satisfy constraint: Member must not be null");
  EXPECT_EQ(check(R"({"Name":"abc","Items":[{"Key":"abc"},{}]})"),
            std::string(kOne) +
                "Value null at 'items.2.member.key' failed to satisfy constraint: Member must not be null");
}

TEST(Validation, TellsLengthAndPattern) {
  EXPECT_EQ(
      check(R"({"Name":"","Items":[{"Key":"abc"}]})"),
      "2 validation errors detected: Value '' at 'name' failed to satisfy constraint: Member must satisfy "
      "regular expression pattern: [a-zA-Z0-9_.-]+; Value '' at 'name' failed to satisfy constraint: Member "
      "must have length greater than or equal to 3");
  EXPECT_EQ(
      check(R"({"Name":"abcdefghi","Items":[{"Key":"abc"}]})"),
      std::string(kOne) +
          "Value 'abcdefghi' at 'name' failed to satisfy constraint: Member must have length less than or "
          "equal to 8");
  EXPECT_NE(check(R"({"Name":"abc\n","Items":[{"Key":"abc"}]})"), "");  // the whole of it must match
  EXPECT_EQ(check(R"({"Name":"abc","Items":[]})"), std::string(kOne) +
                                                       "Value '[]' at 'items' failed to satisfy constraint: "
                                                       "Member must have length greater than or equal to 1");
}

TEST(Validation, CountsCharactersNotBytes) {
  EXPECT_EQ(check(R"({"Name":"abc","Items":[{"Key":"abc"}],"Secret":"\u00e4\u00e4\u00e4\ud83d\ude00"})"), "");
}

TEST(Validation, DoesNotShowBlobsAndSecrets) {
  EXPECT_EQ(
      check(R"({"Name":"abc","Items":[{"Key":"abc"}],"Data":""})"),
      std::string(kOne) +
          "Value at 'data' failed to satisfy constraint: Member must have length greater than or equal to 1");
  EXPECT_EQ(
      check(R"({"Name":"abc","Items":[{"Key":"abc"}],"Secret":"12345"})"),
      std::string(kOne) +
          "Value at 'secret' failed to satisfy constraint: Member must have length less than or equal to 4");
}

TEST(Validation, TellsRangesAndEnumerations) {
  EXPECT_EQ(check(R"({"Name":"abc","Items":[{"Key":"abc"}],"Percent":100.5})"),
            std::string(kOne) +
                "Value '100.5' at 'percent' failed to satisfy constraint: Member must have value less than "
                "or equal to 100");
  EXPECT_EQ(check(R"({"Name":"abc","Items":[{"Key":"abc"}],"Percent":"NaN"})").substr(0, 1), "2");
  EXPECT_EQ(
      check(R"({"Name":"abc","Items":[{"Key":"abc"}],"Kinds":["RED","BLUE"]})"),
      std::string(kOne) +
          "Value '[RED, BLUE]' at 'kinds' failed to satisfy constraint: Member must satisfy constraint: "
          "[Member must satisfy enum value set: [RED, GREEN]]");
  EXPECT_EQ(
      check(R"({"Name":"abc","Items":[{"Key":"abc"}],"Tags":{"BLUE":"1"}})"),
      "2 validation errors detected: Value at 'tags' failed to satisfy constraint: Map keys must satisfy "
      "constraint: [Member must satisfy enum value set: [RED, GREEN]]; Value at 'tags' failed to satisfy "
      "constraint: Map value must satisfy constraint: [Member must satisfy regular expression pattern: "
      "[\\p{L}\\p{Z}_/-]*]");
}

TEST(Validation, IsBoundedWhateverIsSent) {
  std::string body = R"({"Items":[)";
  for (int i = 0; i < 1000; ++i) body += (i ? "," : "") + std::string("{}");
  EXPECT_EQ(check(body + "]}").substr(0, 2), "20");
  const std::string longest(1 << 20, 'x');
  EXPECT_LT(check(R"({"Items":[{"Key":"abc"}],"Name":")" + longest + "\"}").size(), 5000U);
}

}  // namespace
}  // namespace sightline::aws::wire
