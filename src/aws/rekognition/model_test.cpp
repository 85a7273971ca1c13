#include "aws/rekognition/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "aws/wire/codec.h"
#include "aws/wire/validation.h"
#include "base/base64.h"

namespace sightline::aws::rekognition {
namespace {

/// "" or the message of the error that a DetectFaces request gets.
std::string outcome(std::string_view body) {
  const wire::Match match{&kService, &DetectFaces::operation, {}};
  const wire::HttpRequest request{
      "POST", "/", {}, {reinterpret_cast<const std::uint8_t*>(body.data()), body.size()}};
  const auto decoded = wire::decode<DetectFaces>(match, request);
  if (!decoded) return decoded.error().code + ": " + decoded.error().message;
  const std::array services = {&kService};
  const auto validator = wire::Validator::create(services);
  if (!validator) return validator.error().message;
  const auto problem = validator->check(DetectFaces::operation, &*decoded);
  return problem ? problem->code + ": " + problem->message : "";
}

TEST(Rekognition, TakesAPictureAndAnObject) {
  EXPECT_EQ(outcome(R"({"Image":{"Bytes":")" + base64_encode(Bytes(5242880)) + R"("},"Attributes":["ALL"]})"),
            "");
  EXPECT_EQ(outcome(R"({"Image":{"S3Object":{"Bucket":"my-bucket","Name":"a/b.jpg"}}})"), "");
}

TEST(Rekognition, RefusesInAwsWords) {
  EXPECT_EQ(
      outcome("{}"),
      "ValidationException: 1 validation error detected: Value null at 'image' failed to satisfy constraint: "
      "Member must not be null");
  EXPECT_EQ(outcome(R"({"Image":{"Bytes":")" + base64_encode(Bytes(5242881)) + R"("}})"),
            "ValidationException: 1 validation error detected: Value at 'image.bytes' failed to satisfy "
            "constraint: "
            "Member must have length less than or equal to 5242880");
  EXPECT_EQ(
      outcome(R"({"Image":{"S3Object":{"Bucket":"a b c","Name":"x"}}})"),
      "ValidationException: 1 validation error detected: Value 'a b c' at 'image.s3Object.bucket' failed to "
      "satisfy constraint: Member must satisfy regular expression pattern: [0-9A-Za-z\\.\\-_]*");
  EXPECT_THAT(outcome(R"({"Image":{},"Attributes":["SMILING"]})"),
              ::testing::StartsWith(
                  "ValidationException: 1 validation error detected: Value '[SMILING]' at 'attributes' "
                  "failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy "
                  "enum value set: [DEFAULT, ALL, "));
}

}  // namespace
}  // namespace sightline::aws::rekognition
