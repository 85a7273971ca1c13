#include "aws/iam/model.h"

#include <gtest/gtest.h>

#include <array>

#include "aws/wire/codec.h"
#include "aws/wire/validation.h"

namespace sightline::aws::iam {
namespace {

/// "" or the message of the error that a CreateUser request gets.
std::string outcome(std::string_view form) {
  const wire::Match match{&kService, &CreateUser::operation, {}};
  const wire::HttpRequest request{
      "POST", "/", {}, {reinterpret_cast<const std::uint8_t*>(form.data()), form.size()}};
  const auto decoded = wire::decode<CreateUser>(match, request);
  if (!decoded) return decoded.error().message;
  const std::array services = {&kService};
  const auto validator = wire::Validator::create(services);
  if (!validator) return validator.error().message;
  const auto problem = validator->check(CreateUser::operation, &*decoded);
  return problem ? problem->code + ": " + problem->message : "";
}

TEST(Iam, ChecksAUsersName) {
  EXPECT_EQ(
      outcome(
          "UserName=Bob%2Bx%40example.org&Path=%2Fteam%2F&Tags.member.1.Key=%C3%A4&Tags.member.1.Value=1"),
      "");
  EXPECT_EQ(
      outcome("Path=%2F"),
      "ValidationError: 1 validation error detected: Value null at 'userName' failed to satisfy constraint: "
      "Member must not be null");
  EXPECT_EQ(
      outcome("UserName=a+b"),
      "ValidationError: 1 validation error detected: Value 'a b' at 'userName' failed to satisfy constraint: "
      "Member must satisfy regular expression pattern: [\\w+=,.@-]+");
  EXPECT_EQ(
      outcome("UserName=a&Tags.member.1.Key=%21&Tags.member.1.Value="),
      "ValidationError: 1 validation error detected: Value '!' at 'tags.1.member.key' failed to satisfy "
      "constraint: Member must satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+");
}

}  // namespace
}  // namespace sightline::aws::iam
