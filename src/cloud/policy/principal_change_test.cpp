#include "cloud/policy/principal_change.h"

#include <gtest/gtest.h>

namespace sightline::policy {
namespace {

std::optional<std::string> change(std::string_view document) {
  return replace_principals(document, [](std::string_view text) { return text == "arn:user/a"; }, "AIDA");
}

TEST(PrincipalChange, FindsAPrincipalHoweverItIsWritten) {
  EXPECT_EQ(change(R"({"Statement": {"Principal": {"AWS": "arn:user\/a"}}})"),
            R"({"Statement":{"Principal":{"AWS":"AIDA"}}})");
  EXPECT_EQ(change(R"({"Statement": [{"NotPrincipal": {"AWS": ["arn:user/b", "arn:user/\u0061"]}}]})"),
            R"({"Statement":[{"NotPrincipal":{"AWS":["arn:user/b","AIDA"]}}]})");
}

TEST(PrincipalChange, LeavesAllElseAsItIs) {
  EXPECT_EQ(change(R"({"Id": "arn:user/a \"\n\\", "Statement": [{"Principal": {"AWS": "arn:user/a"},
                       "Condition": {"ArnEquals": {"aws:PrincipalArn": ["arn:user/a", 1.50, true, null]}}}]})"),
            R"({"Id":"arn:user/a \"\n\\","Statement":[{"Principal":{"AWS":"AIDA"},)"
            R"("Condition":{"ArnEquals":{"aws:PrincipalArn":["arn:user/a",1.50,true,null]}}}]})");
  for (
      const std::string_view other :
      {R"({"Statement": [{"Principal": {"AWS": "arn:user/ab"}, "Condition": {"ArnEquals": {"k": "arn:user/a"}}}]})",
       R"({"Statement": {"Principal": "*"}})", R"({"Statement": {"Principal": {"Service": "arn:user/a"}}})",
       R"({"Statement": 1})", R"({})", R"([])", "no JSON"})
    EXPECT_EQ(change(other), std::nullopt) << other;
}

}  // namespace
}  // namespace sightline::policy
