#pragma once
// Keyed hashes (RFC 2104) and comparisons that take as long whatever they find.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sightline {

using Sha256Digest = std::array<std::uint8_t, 32>;
using Sha1Digest = std::array<std::uint8_t, 20>;

[[nodiscard]] Sha256Digest hmac_sha256(std::span<const std::uint8_t> key, std::string_view text);
/// For the old signatures that clients still make; nothing new is built on it.
[[nodiscard]] Sha1Digest hmac_sha1(std::span<const std::uint8_t> key, std::string_view text);

/// Takes the same time wherever two texts of one length differ.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace sightline
