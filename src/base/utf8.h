#pragma once
// UTF-8: what is text, and how long it is.

#include <cstddef>
#include <string>
#include <string_view>

namespace sightline {

/// The character that a text begins with.
struct Utf8Character {
  std::size_t length = 0;  ///< in bytes; 0 where the text is empty, or begins with no well-formed character
  char32_t code_point = 0;
};
[[nodiscard]] Utf8Character first_character(std::string_view text);

/// Well-formed UTF-8 (no overlong forms, no surrogates, nothing past U+10FFFF).
[[nodiscard]] bool is_utf8(std::string_view text);
/// Code points of well-formed UTF-8: the unit in which AWS's models give lengths.
[[nodiscard]] std::size_t count_characters(std::string_view text);
/// `text` with U+FFFD in place of each byte that is part of no well-formed UTF-8 sequence (RFC 3629).
[[nodiscard]] std::string as_utf8(std::string_view text);
/// The same with escapes (\n, \x1B, \u009B) in place of control characters: text of others, as names of
/// files, that can neither steer a terminal nor break a line of a message.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace sightline
