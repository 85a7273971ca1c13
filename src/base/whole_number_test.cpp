#include "base/whole_number.h"

#include <gtest/gtest.h>

namespace sightline {
namespace {

TEST(ParseWhole, TakesDigitsAlone) {
  EXPECT_EQ(parse_whole<unsigned>("4566"), 4566U);
  EXPECT_EQ(parse_whole<int>("-3"), -3);
  EXPECT_EQ(parse_whole<unsigned>("ff", 16), 255U);
  for (const char* text : {"", " 1", "1 ", "+1", "0x1", "1.0", "4294967296", "-1", "1\n"}) {
    EXPECT_FALSE(parse_whole<unsigned>(text)) << text;
  }
}

}  // namespace
}  // namespace sightline
