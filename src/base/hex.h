#pragma once
// Bytes as hexadecimal digits.

#include <cstdint>
#include <span>
#include <string>

namespace sightline {

/// Two lower-case digits a byte.
[[nodiscard]] std::string hex(std::span<const std::uint8_t> bytes);

}  // namespace sightline
