#include "base/cause.h"

#include <gtest/gtest.h>

namespace sightline {
namespace {

TEST(CauseOfEvents, CountsThePassesThroughEachTarget) {
  const Cause none;
  EXPECT_EQ(none.depth(), 0);
  EXPECT_EQ(none.passes("a"), 0);
  const Cause chain = none.through("a").through("b").through("a");
  EXPECT_EQ(chain.depth(), 3);
  EXPECT_EQ(chain.passes("a"), 2);
  EXPECT_EQ(chain.passes("b"), 1);
  EXPECT_EQ(chain.passes("c"), 0);
}

TEST(CauseOfEvents, IsWrittenAndReadBack) {
  EXPECT_EQ(Cause().text(), "");
  EXPECT_EQ(Cause::parse("").value(), Cause());
  const Cause chain = Cause().through("a").through("b").through("a");
  EXPECT_EQ(Cause::parse(chain.text()).value(), chain);
  for (const char* damaged : {"x", "0123456789abcdef", "0123456789abcdef:", "0123456789abcdef:0",
                              "0123456789abcdef:-1", "0123456789abcdef:1x", "0123456789abcdef:1  "})
    EXPECT_FALSE(Cause::parse(damaged)) << damaged;
}

}  // namespace
}  // namespace sightline
