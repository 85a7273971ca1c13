#include "base/time_text.h"

#include <gtest/gtest.h>

namespace sightline {
namespace {

using namespace std::chrono_literals;

TEST(TimeText, HttpDateIsTheOneOfTheRfc) {
  EXPECT_EQ(http_date(std::chrono::sys_seconds(784111777s)), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(std::chrono::sys_seconds(-1s)), "Wed, 31 Dec 1969 23:59:59 GMT");
}

TEST(TimeText, Iso8601HasMilliseconds) {
  const Instant whole{784111777s};
  EXPECT_EQ(iso8601(whole, Fraction::always), "1994-11-06T08:49:37.000Z");
  EXPECT_EQ(iso8601(whole, Fraction::where_needed), "1994-11-06T08:49:37Z");
  EXPECT_EQ(iso8601(whole + 5ms, Fraction::where_needed), "1994-11-06T08:49:37.005Z");
  EXPECT_EQ(iso8601(Instant{-1ms}, Fraction::always), "1969-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace sightline
