#pragma once
// SHA-256 (FIPS 180-4) of bytes and files, as 64 lower-case hexadecimal digits.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "base/result.h"

namespace sightline {

[[nodiscard]] std::string sha256_hex(std::span<const std::uint8_t> bytes);
/// Streams the file; constant memory.
[[nodiscard]] Result<std::string> sha256_file(const std::filesystem::path& path);

}  // namespace sightline
