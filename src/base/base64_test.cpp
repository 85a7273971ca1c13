#include "base/base64.h"

#include <gtest/gtest.h>

namespace sightline {
namespace {

Bytes bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

TEST(Base64, RoundTripsEveryLength) {
  Bytes bytes;
  for (unsigned i = 0; i < 300; ++i) {
    Bytes decoded;
    ASSERT_TRUE(base64_decode(base64_encode(bytes), decoded)) << i;
    ASSERT_EQ(decoded, bytes);
    bytes.push_back(static_cast<std::uint8_t>(i * 37));
  }
}

TEST(Base64, AgreesWithTheVectorsOfRfc4648) {
  EXPECT_EQ(base64_encode(bytes_of("")), "");
  EXPECT_EQ(base64_encode(bytes_of("f")), "Zg==");
  EXPECT_EQ(base64_encode(bytes_of("fo")), "Zm8=");
  EXPECT_EQ(base64_encode(bytes_of("foobar")), "Zm9vYmFy");
}

TEST(Base64, TakesTextInAnyPieces) {
  const std::string text = base64_encode(bytes_of("any carnal pleasure."));
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    for (std::size_t next = cut; next <= text.size(); ++next) {
      Base64Decoder decoder;
      Bytes out;
      ASSERT_TRUE(decoder.feed(text.substr(0, cut), out));
      ASSERT_TRUE(decoder.feed(text.substr(cut, next - cut), out));
      ASSERT_TRUE(decoder.feed(text.substr(next), out));
      ASSERT_TRUE(decoder.finish());
      ASSERT_EQ(out, bytes_of("any carnal pleasure."));
    }
  }
}

TEST(Base64, RefusesWhatIsNone) {
  for (const char* text :
       {"Zg=", "Zg", "Z", "Zg==Zg==", "Zh==", "Zm9=", "Zg ==", "Z\n==", "====", "Zm9v=", "Z===", "Zm-_"}) {
    Bytes out;
    EXPECT_FALSE(base64_decode(text, out)) << text;
  }
}

}  // namespace
}  // namespace sightline
