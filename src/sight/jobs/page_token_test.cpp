#include "sight/jobs/page_token.h"

#include <gtest/gtest.h>

namespace sightline::jobs {
namespace {

const Bytes kSecret(32, 1);

TEST(PageToken, TellsThePositionToItsOwnJobAlone) {
  const std::string token = make_page_token(kSecret, "job", 1'000);
  EXPECT_LE(token.size(), 255U);
  EXPECT_EQ(read_page_token(kSecret, "job", token), 1'000);
  EXPECT_FALSE(read_page_token(kSecret, "another", token));
  EXPECT_FALSE(read_page_token(Bytes(32, 2), "job", token));
}

TEST(PageToken, AnotherCharacterAndItIsNone) {
  const std::string token = make_page_token(kSecret, "job", 1'000);
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string forged = token;
    forged[i] = forged[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(read_page_token(kSecret, "job", forged)) << i;
  }
  for (const char* text : {"", "AAAA", "%%%%", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI6LTE="}) {
    EXPECT_FALSE(read_page_token(kSecret, "job", text)) << text;
  }
}

}  // namespace
}  // namespace sightline::jobs
