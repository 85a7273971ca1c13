#include "app/cli/nearest_word.h"

#include <gtest/gtest.h>

#include <vector>

namespace sightline::cli {
namespace {

TEST(NearestWord, CountsWhatFingersGetWrong) {
  EXPECT_EQ(typing_errors("blur", "blur"), 0U);
  EXPECT_EQ(typing_errors("blurr", "blur"), 1U);
  EXPECT_EQ(typing_errors("blr", "blur"), 1U);
  EXPECT_EQ(typing_errors("blug", "blur"), 1U);
  EXPECT_EQ(typing_errors("stlye", "style"), 1U);
  EXPECT_EQ(typing_errors("", "blur"), 4U);
  EXPECT_EQ(typing_errors("serve", "blur"), 5U);
}

TEST(NearestWord, NamesTheNearestOrNothing) {
  const std::vector<std::string> commands = {"blur", "detect", "models", "demo", "serve", "keys", "jobs"};
  EXPECT_EQ(nearest_word("blurr", commands), "blur");
  EXPECT_EQ(nearest_word("dmeo", commands), "demo");
  EXPECT_EQ(nearest_word("server", commands), "serve");
  EXPECT_EQ(nearest_word("anonymise", commands), std::nullopt);
  EXPECT_EQ(nearest_word("x", commands), std::nullopt);
  EXPECT_EQ(nearest_word(std::string(100'000, 'b'), commands), std::nullopt);
  EXPECT_EQ(nearest_word("blur", {}), std::nullopt);
}

}  // namespace
}  // namespace sightline::cli
