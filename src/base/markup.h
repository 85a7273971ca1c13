#pragma once
// Text inside HTML and XML.

#include <string>
#include <string_view>

namespace sightline {

/// Appends `text` so that it stands for itself between tags and in quoted attributes. Control characters that
/// XML 1.0 cannot say, escaped or not, become U+FFFD.
void append_escaped(std::string& out, std::string_view text);

}  // namespace sightline
