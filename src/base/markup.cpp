#include "base/markup.h"

#include "base/utf8.h"

namespace sightline {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

/// What stands for a character of one byte that must not stand as it is; empty where it may.
std::string_view escape_of(char32_t code_point) {
  switch (code_point) {
    case U'&':
      return "&amp;";
    case U'<':
      return "&lt;";
    case U'>':
      return "&gt;";
    case U'"':
      return "&quot;";
    case U'\'':
      return "&#39;";
    case U'\r':
      return "&#13;";
    default:
      return {};
  }
}

}  // namespace

bool is_xml_character(char32_t code_point) {
  if (code_point < 0x20) return code_point == U'\t' || code_point == U'\n' || code_point == U'\r';
  if (code_point < 0xD800) return true;
  return (code_point >= 0xE000 && code_point < 0xFFFE) || (code_point >= 0x10000 && code_point < 0x110000);
}

bool is_xml_text(std::string_view text) {
  while (!text.empty()) {
    const auto [length, code_point] = first_character(text);
    if (length == 0 || !is_xml_character(code_point)) return false;
    text.remove_prefix(length);
  }
  return true;
}

void append_escaped(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const auto [length, code_point] = first_character(text);
    const std::string_view escape = escape_of(code_point);
    if (length == 0 || !is_xml_character(code_point)) {
      out += kReplacement;
    } else if (!escape.empty()) {
      out += escape;
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
}

}  // namespace sightline
