#include "base/crc.h"

#include <gtest/gtest.h>

#include <string>

namespace sightline {
namespace {

constexpr CrcKind kKinds[] = {CrcKind::crc32, CrcKind::crc32c, CrcKind::crc64nvme};

std::uint64_t crc(CrcKind kind, std::string_view text) {
  Crc crc(kind);
  crc.update(text);
  return crc.value();
}

TEST(Crc, AgreesWithThePublishedCheckValues) {
  EXPECT_EQ(crc(CrcKind::crc32, "123456789"), 0xCBF43926U);
  EXPECT_EQ(crc(CrcKind::crc32c, "123456789"), 0xE3069283U);
  EXPECT_EQ(crc(CrcKind::crc64nvme, "123456789"), 0xAE8B14860A799888U);
  for (const CrcKind kind : kKinds) EXPECT_EQ(crc(kind, ""), 0U);
}

TEST(Crc, IsTheSameInPieces) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += static_cast<char>(i * 7);
  for (const CrcKind kind : kKinds) {
    for (std::size_t at = 0; at <= text.size(); ++at) {
      Crc pieces(kind);
      pieces.update(std::string_view(text).substr(0, at));
      pieces.update(std::string_view(text).substr(at));
      EXPECT_EQ(pieces.value(), crc(kind, text));
    }
  }
}

TEST(Crc, OfTwoContentsComesFromTheChecksOfEach) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += static_cast<char>(i * 31);
  for (const CrcKind kind : kKinds) {
    for (const std::size_t at : {0U, 1U, 7U, 500U, 999U, 1000U}) {
      const auto first = std::string_view(text).substr(0, at);
      const auto second = std::string_view(text).substr(at);
      EXPECT_EQ(combine_crc(kind, crc(kind, first), crc(kind, second), second.size()), crc(kind, text)) << at;
    }
  }
}

}  // namespace
}  // namespace sightline
