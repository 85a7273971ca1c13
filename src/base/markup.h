#pragma once
// Text inside HTML and XML.

#include <string>
#include <string_view>

namespace sightline {

/// Whether XML 1.0 can carry a character at all, as itself or as a reference (production 2 of the
/// specification): it leaves out control characters but tab, line feed and carriage return, the surrogates,
/// U+FFFE and U+FFFF.
[[nodiscard]] bool is_xml_character(char32_t code_point);
/// Well-formed UTF-8 of such characters only.
[[nodiscard]] bool is_xml_text(std::string_view text);

/// Appends `text` so that it stands for itself between tags and in quoted attributes. What XML cannot carry,
/// and each byte that is not part of well-formed UTF-8, becomes U+FFFD: a document made of this is always
/// well-formed.
void append_escaped(std::string& out, std::string_view text);

}  // namespace sightline
