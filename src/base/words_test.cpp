#include "base/words.h"

#include <gtest/gtest.h>

namespace sightline {
namespace {

TEST(Words, OneThingHasNoPluralEnding) {
  EXPECT_EQ(counted(std::size_t{0}, "frame"), "0 frames");
  EXPECT_EQ(counted(std::size_t{1}, "frame"), "1 frame");
  EXPECT_EQ(counted(std::int64_t{250}, "face track"), "250 face tracks");
}

}  // namespace
}  // namespace sightline
