#pragma once
// Whole numbers as protocols write them: only digits, the whole text, within the type's range.

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>

namespace sightline {

/// A minus sign is read for signed types; no plus sign, spaces or "0x" ever.
template <std::integral T>
[[nodiscard]] std::optional<T> parse_whole(std::string_view text, int base = 10) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace sightline
