#include "sight/collections/uuid.h"

#include <algorithm>

#include "base/hex.h"

namespace sightline::collections {
namespace {

constexpr std::size_t kTextSize = 36;
constexpr int kCountBits = 12;

bool is_dash_place(std::size_t place) {
  return place == 8 || place == 13 || place == 18 || place == 23;
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != kTextSize) return std::nullopt;
  Uuid uuid;
  std::size_t digits = 0;
  for (std::size_t i = 0; i < kTextSize; ++i) {
    if (is_dash_place(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int digit = digit_of(text[i]);
    if (digit < 0) return std::nullopt;
    auto& byte = uuid.bytes[digits / 2];
    byte = static_cast<std::uint8_t>(byte * 16 + digit);
    ++digits;
  }
  return uuid;
}

std::string Uuid::text() const {
  std::string text = hex(bytes);
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) text.insert(dash, 1, '-');
  return text;
}

void RisingIds::rise_above(const Uuid& id) {
  std::uint64_t place = 0;
  for (std::size_t i = 0; i < 6; ++i) place = place << 8 | id.bytes[i];
  place = place << kCountBits | static_cast<std::uint64_t>(id.bytes[6] & 0x0F) << 8 | id.bytes[7];
  std::lock_guard lock(mutex_);
  last_ = std::max(last_, place);
}

Uuid RisingIds::make() {
  Uuid id;
  random_.fill(id.bytes);
  const auto now = static_cast<std::uint64_t>(clock_.now().time_since_epoch().count()) << kCountBits;
  std::uint64_t place = 0;
  {
    std::lock_guard lock(mutex_);
    // More than 4096 in a millisecond borrow from the next one.
    last_ = std::max(last_ + 1, now);
    place = last_;
  }
  const std::uint64_t milliseconds = place >> kCountBits;
  for (std::size_t i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(milliseconds >> (40 - 8 * i));
  id.bytes[6] = static_cast<std::uint8_t>(0x70 | (place >> 8 & 0x0F));
  id.bytes[7] = static_cast<std::uint8_t>(place);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3F) | 0x80);
  return id;
}

}  // namespace sightline::collections
