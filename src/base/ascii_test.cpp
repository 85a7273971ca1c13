#include "base/ascii.h"

#include <gtest/gtest.h>

namespace sightline {
namespace {

TEST(Ascii, OnlyItsOwnLettersChangeCase) {
  EXPECT_EQ(to_lower("Content-TYPE@[`{Z\xC3\x84"), "content-type@[`{z\xC3\x84");
  EXPECT_TRUE(equals_ignoring_case("X-Amz-Date", "x-amz-DATE"));
  EXPECT_FALSE(equals_ignoring_case("@", "`"));
  EXPECT_FALSE(equals_ignoring_case("abc", "abcd"));
}

TEST(Ascii, TrimsBlanksAlone) {
  EXPECT_EQ(trimmed(" \ta b\t "), "a b");
  EXPECT_EQ(trimmed(" \t "), "");
  EXPECT_EQ(trimmed("\na\r"), "\na\r");
}

}  // namespace
}  // namespace sightline
