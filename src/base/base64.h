#pragma once
// Base64 (RFC 4648, section 4: the standard alphabet, padded), in pieces and whole.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/file.h"

namespace sightline {

/// Decodes text that comes in pieces. Not thread-safe.
class Base64Decoder {
 public:
  /// Appends what `text` stands for to `out`; false where it is not Base64.
  [[nodiscard]] bool feed(std::string_view text, Bytes& out);
  /// True when the pieces made up whole groups of four.
  [[nodiscard]] bool finish() const { return held_ == 0; }

 private:
  [[nodiscard]] bool close_group(Bytes& out);

  std::array<char, 4> group_{};
  unsigned held_ = 0;
  bool padded_ = false;
};

/// False where `text` is not Base64; `out` then holds a part of it.
[[nodiscard]] bool base64_decode(std::string_view text, Bytes& out);
[[nodiscard]] std::string base64_encode(std::span<const std::uint8_t> bytes);

}  // namespace sightline
