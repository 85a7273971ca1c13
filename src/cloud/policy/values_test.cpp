#include "cloud/policy/values.h"

#include <gtest/gtest.h>

namespace sightline::policy {
namespace {

TEST(Values, DatesOfAnyPrecision) {
  EXPECT_EQ(parse_date("1970-01-02"), 86'400);
  EXPECT_EQ(parse_date("2020-04-01T00:00:00Z"), 1'585'699'200);
  EXPECT_EQ(parse_date("2020-04-01t02:00:00.5+02:00"), 1'585'699'200.5);
  EXPECT_EQ(parse_date("1585699200"), 1'585'699'200);
  EXPECT_EQ(parse_date("2016-12-13t2:00:00.593194+23").has_value(), true);
  EXPECT_LT(*parse_date("-292275054"), 0);
  EXPECT_EQ(parse_date("2000-02-29"), 951'782'400);
}

TEST(Values, WhatIsNoDate) {
  for (const char* text : {"", "today", "234-13", "2016-12-13t2:00:00.593194+1", "2016-12-13t24:00",
                           "2016-12-13t2:00:00.1999999999+10:59", "9223372036854775808", "2020-01-01-01",
                           "2020-1-1T1:1:1ZZ", "292278994-01-01"})
    EXPECT_FALSE(parse_date(text)) << text;
}

TEST(Values, RangesOfAddresses) {
  const auto lies = [](const char* inner, const char* outer) {
    return lies_in(parse_network(inner).value(), parse_network(outer).value());
  };
  EXPECT_TRUE(lies("203.0.113.7", "203.0.113.0/24"));
  EXPECT_FALSE(lies("203.0.114.7", "203.0.113.0/24"));
  EXPECT_TRUE(lies("203.0.113.130", "203.0.113.128/25"));
  EXPECT_FALSE(lies("203.0.113.127", "203.0.113.128/25"));
  EXPECT_TRUE(lies("10.0.0.1", "0.0.0.0/0"));
  EXPECT_TRUE(lies("2001:db8:1::5", "2001:db8::/32"));
  EXPECT_FALSE(lies("2001:db9::5", "2001:db8::/32"));
  EXPECT_TRUE(lies("::ffff:203.0.113.7", "203.0.113.0/24"));
  EXPECT_TRUE(lies("203.0.113.7", "::ffff:203.0.113.0/120"));
  EXPECT_FALSE(lies("203.0.113.7", "::/0"));
  EXPECT_FALSE(lies("2001:db8::1", "0.0.0.0/0"));
  EXPECT_FALSE(lies("203.0.113.0/23", "203.0.113.0/24"));
  for (const char* text :
       {"", "203.0.113", "203.0.113.0/33", "2001:db8::/129", "203.0.113.7/", "a::b::c", "::1%eth0"})
    EXPECT_FALSE(parse_network(text)) << text;
}

TEST(Values, Numbers) {
  EXPECT_EQ(parse_number("10"), 10);
  EXPECT_EQ(parse_number("+1.5"), 1.5);
  EXPECT_EQ(parse_number("-2e3"), -2000);
  for (const char* text : {"", "ten", "1 ", "0x10", "inf", "nan", "1,5"})
    EXPECT_FALSE(parse_number(text)) << text;
}

}  // namespace
}  // namespace sightline::policy
