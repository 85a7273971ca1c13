#include "cloud/policy/pattern.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <chrono>

namespace sightline::policy {
namespace {

constexpr std::size_t kPlenty = 1'000'000'000;

template <typename AnyPattern>
bool matches(const AnyPattern& pattern, std::string_view text, const Keys& keys = {}) {
  Steps steps(kPlenty);
  return pattern.matches(text, keys, steps);
}

bool glob(std::string pattern, std::string_view text) {
  return matches(Pattern(std::move(pattern), {.wildcards = true, .variables = true}), text);
}

bool arn_glob(std::string pattern, std::string_view arn,
              ArnPattern::Short form = ArnPattern::Short::completed) {
  return matches(ArnPattern(std::move(pattern), {.wildcards = true, .variables = true}, form), arn);
}

TEST(Pattern, AStarIsAnyRunAndAQuestionMarkOneCharacter) {
  EXPECT_TRUE(glob("", ""));
  EXPECT_TRUE(glob("*", ""));
  EXPECT_TRUE(glob("a*c", "ac"));
  EXPECT_TRUE(glob("a*c", "abbbc"));
  EXPECT_TRUE(glob("*b*b*", "abcb"));
  EXPECT_TRUE(glob("a*bc", "abcbc"));
  EXPECT_TRUE(glob("*a?c*", "xxabaac"));
  EXPECT_TRUE(glob("?", "\xC3\xA4"));
  EXPECT_FALSE(glob("?", ""));
  EXPECT_FALSE(glob("a*c", "abcd"));
  EXPECT_FALSE(glob("*b*b*", "abc"));
  EXPECT_FALSE(glob("a?", "a"));
  EXPECT_FALSE(glob("??", "\xC3\xA4"));
  EXPECT_FALSE(glob("a", "A"));
  EXPECT_FALSE(glob("a.c", "abc"));
}

TEST(Pattern, VariablesAreFilledAsPlainText) {
  Keys keys;
  keys.set("aws:UserName", "a*");
  keys.set("many", std::vector<std::string>{"x", "y"});
  const PatternSyntax both{.wildcards = true, .variables = true};
  Steps steps;
  EXPECT_TRUE(matches(Pattern("home/${AWS:username}/*", both), "home/a*/b", keys));
  EXPECT_FALSE(matches(Pattern("home/${aws:username}/*", both), "home/abc/b", keys));
  EXPECT_FALSE(matches(Pattern("home/${aws:userid}/*", both), "home//b", keys));
  EXPECT_FALSE(matches(Pattern("${many}", both), "x", keys));
  EXPECT_TRUE(matches(Pattern("${team, 'all of us'}", both), "all of us", keys));
  EXPECT_TRUE(matches(Pattern("${aws:username,'nobody'}", both), "a*", keys));
  EXPECT_TRUE(matches(Pattern("${*}${?}${$}", both), "*?$", keys));
  EXPECT_TRUE(matches(Pattern("a${*}b*${?}c", both), "a*b--?c", keys));
  EXPECT_FALSE(matches(Pattern("a${*}b", both), "a*bb", keys));
  EXPECT_FALSE(matches(Pattern("${*}b", both), "*", keys));
  EXPECT_TRUE(matches(Pattern("a${none,''}b", both), "ab", keys));
  EXPECT_EQ(Pattern("a${*}b${ None , 'x y' }", both).filled(keys, steps), "a*bx y");
  EXPECT_FALSE(matches(Pattern("${*}", both), "a", keys));
  EXPECT_TRUE(matches(Pattern("${aws:username", both), "${aws:username", keys));
  EXPECT_TRUE(
      matches(Pattern("${aws:username}", {.wildcards = true, .variables = false}), "${aws:username}", keys));
  EXPECT_EQ(Pattern("*-${aws:username}", both).filled(keys, steps), "*-a*");
  EXPECT_FALSE(Pattern("${aws:userid}", both).filled(keys, steps));
}

TEST(Pattern, NoTextTakesForEver) {
  const std::string text(20'000, 'a');
  std::string stars;
  for (int i = 0; i < 5'000; ++i) stars += "*a";
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(glob(stars + "b", text));
  EXPECT_FALSE(glob("*" + std::string(10'000, 'a') + "b*c", text));
  EXPECT_FALSE(glob("*" + std::string(1'000, '?') + "b*c", text));
  // Some milliseconds; with backtracking it would be years.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

TEST(Pattern, StopsWhereItsStepsEnd) {
  const PatternSyntax syntax{.wildcards = true, .variables = false};
  std::string stars("*");
  for (int i = 0; i < 4'500; ++i) stars += "?a";
  Steps steps;
  EXPECT_FALSE(Pattern(stars, syntax).matches(std::string(32'000, 'a'), {}, steps));
  EXPECT_EQ(steps.left(), 0U);
  EXPECT_TRUE(steps.take_cut());
  EXPECT_FALSE(steps.take_cut());
  // What the first letters decide needs none.
  EXPECT_FALSE(Pattern("b*", syntax).matches("ab", {}, steps));
  EXPECT_FALSE(steps.take_cut());
  EXPECT_TRUE(Pattern("a*", syntax).matches("ab", {}, steps));
  EXPECT_TRUE(Pattern("*", syntax).matches("ab", {}, steps));
  EXPECT_FALSE(steps.take_cut());
  EXPECT_FALSE(Pattern("a*b", syntax).matches("ab", {}, steps));
  EXPECT_TRUE(steps.take_cut());
}

TEST(Pattern, UsualOnesTakeFewSteps) {
  const PatternSyntax syntax{.wildcards = true, .variables = false};
  Steps steps(200);
  EXPECT_TRUE(Pattern("home/*/pictures/*.jpg", syntax).matches("home/anna/pictures/cat.jpg", {}, steps));
  EXPECT_TRUE(Pattern("*cat*", syntax).matches(std::string(1'000, 'a') + "cat", {}, steps));
  EXPECT_FALSE(steps.take_cut());
}

TEST(ArnPattern, AWildcardStaysInItsPart) {
  EXPECT_TRUE(arn_glob("*", "anything"));
  EXPECT_TRUE(arn_glob("arn:aws:sqs:*:111122223333:orders-*", "arn:aws:sqs:us-east-1:111122223333:orders-1"));
  EXPECT_FALSE(arn_glob("arn:aws:sqs:*:orders", "arn:aws:sqs:us-east-1:111122223333:orders"));
  EXPECT_FALSE(arn_glob("arn:aws:sqs:*:*:a", "arn:aws:sqs:us-east-1:111122223333:1:a"));
  EXPECT_TRUE(
      arn_glob("arn:aws:lambda:*:*:function:*", "arn:aws:lambda:eu-west-1:111122223333:function:f:1"));
  EXPECT_TRUE(arn_glob("arn:aws:s3:::b/*", "arn:aws:s3:::b/x:y/z"));
  EXPECT_FALSE(arn_glob("arn:aws:s3:::B/*", "arn:aws:s3:::b/x"));
  EXPECT_FALSE(arn_glob("arn:*:*:*:*:*", "*"));
}

TEST(ArnPattern, AShortOneMeansWhatItsKindSays) {
  constexpr std::string_view arn = "arn:aws:sqs:us-east-1:111122223333:orders";
  EXPECT_TRUE(arn_glob("arn:aws:sqs", arn));
  EXPECT_FALSE(arn_glob("arn:aws:sns", arn));
  EXPECT_FALSE(arn_glob("arn:aws:sqs", arn, ArnPattern::Short::by_wildcard));
  EXPECT_TRUE(arn_glob("arn:aws:sqs:*", arn, ArnPattern::Short::by_wildcard));
  EXPECT_FALSE(arn_glob("arn:aws:sqs:*", arn, ArnPattern::Short::nothing));
}

TEST(ArnPattern, AnythingInAPartStillWantsAnArn) {
  EXPECT_TRUE(arn_glob("arn:*:*", "arn:aws:sqs:us-east-1:111122223333:orders"));
  EXPECT_TRUE(arn_glob("*:*:*:*:*:*", "arn:aws:sqs:us-east-1:111122223333:orders"));
  EXPECT_TRUE(arn_glob("arn:*:s3:*:*:b", "arn:aws:s3:::b"));
  EXPECT_FALSE(arn_glob("arn:*:s3:*:*:b", "arn:aws:s3:::c"));
  EXPECT_FALSE(arn_glob("arn:*:s3:*:*:b", "arn:aws:sqs:::b"));
  EXPECT_FALSE(arn_glob("*:*:*:*:*:*", "orders"));
  const ArnPattern plain("*:*", {.wildcards = false, .variables = false}, ArnPattern::Short::completed);
  EXPECT_FALSE(matches(plain, "arn:aws:s3:::b"));
  EXPECT_TRUE(matches(plain, "*:*:s3:::b"));
}

// A session's policy has room for hundreds, and an account for thousands of sessions.
TEST(ArnPattern, AShortOneTakesLittleMemory) {
  constexpr std::size_t kMany = 200;
  const PatternSyntax both{.wildcards = true, .variables = true};
  const std::size_t before = mallinfo2().uordblks;
  std::vector<ArnPattern> patterns;
  patterns.reserve(kMany);
  for (std::size_t i = 0; i < kMany; ++i)
    patterns.emplace_back("arn:*:*", both, ArnPattern::Short::completed);
  // Under sanitizers nothing is counted.
  EXPECT_LT(mallinfo2().uordblks - before, kMany * 256);
}

TEST(ArnPattern, ColonsInVariablesDoNotCutIt) {
  Keys keys;
  keys.set("aws:PrincipalAccount", "111122223333");
  const ArnPattern pattern("arn:aws:iam::${aws:PrincipalAccount}:role/*",
                           {.wildcards = true, .variables = true}, ArnPattern::Short::completed);
  EXPECT_TRUE(matches(pattern, "arn:aws:iam::111122223333:role/a", keys));
  EXPECT_FALSE(matches(pattern, "arn:aws:iam::444455556666:role/a", keys));
}

}  // namespace
}  // namespace sightline::policy
