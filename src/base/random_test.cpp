#include "base/random.h"

#include <gtest/gtest.h>

#include <string>

namespace sightline {
namespace {

TEST(Random, UuidsHaveTheFormOfVersion4AndDiffer) {
  SystemRandom random;
  const std::string first = make_uuid(random);
  std::string form;
  for (const char c : first)
    form += c == '-' ? '-' : (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ? 'x' : '?';
  EXPECT_EQ(form, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
  EXPECT_EQ(first[14], '4') << "the version";
  EXPECT_NE(std::string("89ab").find(first[19]), std::string::npos) << "the variant";
  EXPECT_NE(first, make_uuid(random));
}

}  // namespace
}  // namespace sightline
