#include "app/server/metrics.h"

#include <gmock/gmock.h>

namespace sightline::server {
namespace {

using ::testing::HasSubstr;

TEST(Metrics, WhatIsRegisteredIsReadWhenAsked) {
  MetricRegistry first;
  MetricRegistry second;
  int waiting = 3;
  first.gauge("sightline_test_waiting", "Who wait.", [&] { return waiting; }, {{"queue", "a\"b"}});
  first.counter("sightline_test_total", "What was done.", [] { return std::uint64_t{1} << 40U; });
  second.gauge("sightline_test_waiting", "Who wait.", [] { return 7; }, {{"queue", "c"}});
  const Metrics metrics;
  EXPECT_THAT(
      metrics.text({&first, &second}),
      HasSubstr("# HELP sightline_test_waiting Who wait.\n# TYPE sightline_test_waiting gauge\n"
                "sightline_test_waiting{queue=\"a\\\"b\"} 3\nsightline_test_waiting{queue=\"c\"} 7\n"));
  EXPECT_THAT(metrics.text({&first}), HasSubstr("# TYPE sightline_test_total counter\n"
                                                "sightline_test_total 1099511627776\n"));
  waiting = 4;
  EXPECT_THAT(metrics.text({&first}), HasSubstr("sightline_test_waiting{queue=\"a\\\"b\"} 4\n"));
}

}  // namespace
}  // namespace sightline::server
