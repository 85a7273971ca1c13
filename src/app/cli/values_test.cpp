#include "app/cli/values.h"

#include <gtest/gtest.h>

namespace sightline::cli {
namespace {

TEST(ParseTime, TakesSecondsAndClockTimes) {
  EXPECT_DOUBLE_EQ(parse_time("12.5").value(), 12.5);
  EXPECT_DOUBLE_EQ(parse_time("0").value(), 0);
  EXPECT_DOUBLE_EQ(parse_time("1:02").value(), 62);
  EXPECT_DOUBLE_EQ(parse_time("1:02:03.5").value(), 3723.5);
}

TEST(ParseTime, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "-1", "x", "1:", ":1", "1:2:3:4", "1.5:2", "1:60", "1e3", "nan", "inf", "99999999", "1 "}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

TEST(ParseRegion, TakesABoxWithOrWithoutTimes) {
  const auto plain = parse_region("10,20,64.5,32").value();
  EXPECT_EQ(plain.box, (media::Box{10, 20, 64.5, 32}));
  EXPECT_FALSE(plain.span.from || plain.span.to);
  const auto timed = parse_region("0,0,1,1@2.5-1:10").value();
  EXPECT_EQ(timed.span.from, 2.5);
  EXPECT_EQ(timed.span.to, 70);
  EXPECT_FALSE(parse_region("0,0,1,1@5-").value().span.to);
  EXPECT_FALSE(parse_region("0,0,1,1@-5").value().span.from);
  EXPECT_EQ(parse_region("-5,-5,10,10").value().box.x, -5);
}

TEST(ParseRegion, RefusesWhatIsNoArea) {
  for (const char* text : {"", "1,2,3", "1,2,3,4,5", "1,2,0,4", "1,2,3,-4", "a,b,c,d", "1,2,3,4@",
                           "1,2,3,4@5", "1,2,3,4@-", "1,2,3,4@6-5", "1,2,3,1e9", "1,2,3,nan"}) {
    EXPECT_FALSE(parse_region(text)) << text;
  }
}

TEST(ParseRegion, ATimeThatEndsBeforeItBeginsIsNamed) {
  for (const char* text : {"1,2,3,4@1-0", "1,2,3,4@1-1"}) {
    EXPECT_EQ(parse_region(text).error().message, std::string("'") + text + "': 1 is not before " + text[10] +
                                                      "; write from when to when: 10,20,64,64@2-5.5");
  }
}

TEST(ParseRegion, ASingleTimeIsNoSpan) {
  EXPECT_EQ(parse_region("0,0,20,20@5").error().message,
            "'0,0,20,20@5': '5' is no span of time; write from when to when: 10,20,64,64@2-5.5");
}

TEST(ParseColor, TakesHexadecimal) {
  EXPECT_EQ(parse_color("#ff8800").value(), (std::array<std::uint8_t, 3>{255, 136, 0}));
  EXPECT_EQ(parse_color("000001").value(), (std::array<std::uint8_t, 3>{0, 0, 1}));
  for (const char* text : {"", "fff", "gggggg", "#", "1234567", "-12345"})
    EXPECT_FALSE(parse_color(text)) << text;
}

TEST(ParseSize, TakesWidthByHeight) {
  EXPECT_EQ(parse_size("640x360").value(), (media::Size{640, 360}));
  for (const char* text : {"", "640", "640x", "x360", "0x0", "1e3x20", "640x360x1", "99999x99999"}) {
    EXPECT_FALSE(parse_size(text)) << text;
  }
}

}  // namespace
}  // namespace sightline::cli
