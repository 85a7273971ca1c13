#include "base/random.h"

#include <gtest/gtest.h>

#include <regex>

namespace sightline {
namespace {

TEST(Random, UuidsHaveTheFormOfVersion4AndDiffer) {
  SystemRandom random;
  const std::string first = make_uuid(random);
  EXPECT_TRUE(std::regex_match(
      first, std::regex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")))
      << first;
  EXPECT_NE(first, make_uuid(random));
}

}  // namespace
}  // namespace sightline
