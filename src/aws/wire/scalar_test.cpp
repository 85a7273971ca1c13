#include "aws/wire/scalar.h"

#include <gtest/gtest.h>

#include "aws/wire/uri.h"

namespace sightline::aws::wire {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Format = TimestampFormat;

std::int64_t parsed(std::string_view text, Format format) {
  const auto time = parse_timestamp(text, format);
  return time ? time->time_since_epoch().count() : -1;
}

TEST(Timestamps, AreExactInEveryFormat) {
  const std::vector<std::int64_t> times = {0,  1,    999, 1422172800123, 951782400000, 253402300799999,
                                           -1, -1001};
  for (const std::int64_t count : times) {
    const Timestamp time{milliseconds(count)};
    EXPECT_EQ(parse_timestamp(format_timestamp(time, Format::unix_seconds), Format::unix_seconds), time)
        << count;
    EXPECT_EQ(parse_timestamp(format_timestamp(time, Format::iso8601), Format::iso8601), time) << count;
    const auto whole = std::chrono::floor<seconds>(time);
    EXPECT_EQ(parse_timestamp(format_timestamp(time, Format::http_date), Format::http_date), whole) << count;
  }
  EXPECT_EQ(format_timestamp(Timestamp(seconds(951782400)), Format::http_date),
            "Tue, 29 Feb 2000 00:00:00 GMT");
  EXPECT_EQ(format_timestamp(Timestamp(milliseconds(-1)), Format::iso8601), "1969-12-31T23:59:59.999Z");
}

TEST(Timestamps, TakeOffsetsAndFractions) {
  EXPECT_EQ(parsed("2015-01-25T10:00:00+02:00", Format::iso8601), 1422172800000);
  EXPECT_EQ(parsed("2015-01-25T07:30:00.5-00:30", Format::iso8601), 1422172800500);
  EXPECT_EQ(parsed("2015-01-25T08:00:00.123456789Z", Format::iso8601), 1422172800123);
  EXPECT_EQ(parsed("1.4221728E9", Format::unix_seconds), 1422172800000);
}

TEST(Timestamps, RefuseWhatIsNoTime) {
  for (const char* text :
       {"", "2015-13-01T00:00:00Z", "2015-02-29T00:00:00Z", "2015-01-01T24:00:00Z", "2015-01-01T00:00:00",
        "2015-01-01", "2015-01-01T00:00:00.Z", "2015-01-01T00:00:00Zx", "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59.9999Z"}) {
    EXPECT_FALSE(parse_timestamp(text, Format::iso8601)) << text;
  }
  for (const char* text : {"", "nan", "1e300", "253402300800", "253402300799.9999", "12x", "0x10"}) {
    EXPECT_FALSE(parse_timestamp(text, Format::unix_seconds)) << text;
  }
  EXPECT_FALSE(parse_timestamp("Tue, 29 Feb 2001 00:00:00 GMT", Format::http_date));
  EXPECT_FALSE(parse_timestamp("Tue, 29 Feb 2000 00:00:00 CET", Format::http_date));
}

TEST(Uri, DecodesAndEncodes) {
  EXPECT_EQ(percent_decode("a%20b+%C3%A4"), "a b+\u00e4");
  EXPECT_EQ(percent_decode("a+b", Plus::space), "a b");
  for (const char* text : {"%", "%1", "%g1", "a%"}) EXPECT_FALSE(percent_decode(text)) << text;
  EXPECT_EQ(percent_encode("a b/\u00e4~-_.*'"), "a%20b%2F%C3%A4~-_.%2A%27");
  EXPECT_EQ(percent_encode("a/b", Slash::plain), "a/b");
}

TEST(Uri, ReadsQueriesInOrder) {
  const auto query = parse_query("a=1&b&&a=2=3&=x");
  ASSERT_TRUE(query);
  ASSERT_EQ(query->size(), 4U);
  EXPECT_EQ((*query)[1].name, "b");
  EXPECT_EQ((*query)[2].value, "2=3");
  EXPECT_EQ((*query)[3].name, "");
  EXPECT_FALSE(parse_query("a=1&b=2", Plus::plain, 1));
}

}  // namespace
}  // namespace sightline::aws::wire
