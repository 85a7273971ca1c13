#include "base/crc.h"

#include <array>
#include <cstddef>

namespace sightline {
namespace {

// All three are reflected: the lowest bit stands for the highest power.
constexpr std::uint32_t kCrc32 = 0xEDB88320U;
constexpr std::uint32_t kCrc32c = 0x82F63B78U;
constexpr std::uint64_t kCrc64Nvme = 0x9A6C9329AC4BC9B5U;

/// Eight bytes a step: row k says what a byte does that stands k places before the last one.
template <typename Word>
using Tables = std::array<std::array<Word, 256>, 8>;

template <typename Word>
constexpr Tables<Word> make_tables(Word polynomial) {
  Tables<Word> tables{};
  for (std::size_t byte = 0; byte < 256; ++byte) {
    Word crc = static_cast<Word>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1U) != 0 ? (crc >> 1U) ^ polynomial : crc >> 1U;
    tables[0][byte] = crc;
  }
  for (std::size_t row = 1; row < 8; ++row) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const Word before = tables[row - 1][byte];
      tables[row][byte] = (before >> 8U) ^ tables[0][before & 0xFFU];
    }
  }
  return tables;
}

constexpr auto kTables32 = make_tables(kCrc32);
constexpr auto kTables32c = make_tables(kCrc32c);
constexpr auto kTables64 = make_tables(kCrc64Nvme);

template <typename Word>
Word advance(const Tables<Word>& tables, Word crc, std::span<const char> bytes) {
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t block = 0;
    for (unsigned i = 0; i < 8; ++i) block |= std::uint64_t{at[i]} << (8 * i);
    block ^= crc;
    Word next = 0;
    for (unsigned i = 0; i < 8; ++i) next ^= tables[7 - i][(block >> (8 * i)) & 0xFFU];
    crc = next;
  }
  for (; left > 0; --left, ++at) crc = static_cast<Word>((crc >> 8U) ^ tables[0][(crc ^ *at) & 0xFFU]);
  return crc;
}

/// The product of two polynomials modulo the third.
template <typename Word>
Word multiply(Word polynomial, Word a, Word b) {
  Word product = 0;
  for (Word bit = Word{1} << (sizeof(Word) * 8 - 1); bit != 0; bit >>= 1U) {
    if ((a & bit) != 0) product ^= b;
    b = (b & 1U) != 0 ? (b >> 1U) ^ polynomial : b >> 1U;
  }
  return product;
}

template <typename Word>
Word combine(Word polynomial, Word first, Word second, std::uint64_t second_length) {
  constexpr unsigned kBits = sizeof(Word) * 8;
  Word shift = Word{1} << (kBits - 1);  // x^0
  Word power = Word{1} << (kBits - 9);  // x^8: one byte
  for (std::uint64_t n = second_length; n != 0; n >>= 1U) {
    if ((n & 1U) != 0) shift = multiply(polynomial, power, shift);
    power = multiply(polynomial, power, power);
  }
  return multiply(polynomial, shift, first) ^ second;
}

}  // namespace

void Crc::update(std::span<const char> bytes) {
  switch (kind_) {
    case CrcKind::crc32:
      state_ = advance(kTables32, static_cast<std::uint32_t>(state_), bytes);
      return;
    case CrcKind::crc32c:
      state_ = advance(kTables32c, static_cast<std::uint32_t>(state_), bytes);
      return;
    case CrcKind::crc64nvme:
      state_ = advance(kTables64, state_, bytes);
      return;
  }
}

std::uint64_t Crc::value() const {
  return kind_ == CrcKind::crc64nvme ? ~state_ : static_cast<std::uint32_t>(~state_);
}

std::uint64_t combine_crc(CrcKind kind, std::uint64_t first, std::uint64_t second,
                          std::uint64_t second_length) {
  switch (kind) {
    case CrcKind::crc32:
      return combine(kCrc32, static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(second),
                     second_length);
    case CrcKind::crc32c:
      return combine(kCrc32c, static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(second),
                     second_length);
    case CrcKind::crc64nvme:
      break;
  }
  return combine(kCrc64Nvme, first, second, second_length);
}

}  // namespace sightline
