#pragma once
// UTF-8: what is text, and how long it is.

#include <cstddef>
#include <string_view>

namespace sightline::aws::wire {

/// Well-formed UTF-8 (no overlong forms, no surrogates, nothing past U+10FFFF).
[[nodiscard]] bool is_utf8(std::string_view text);
/// Code points of well-formed UTF-8: the unit in which the models give lengths.
[[nodiscard]] std::size_t count_characters(std::string_view text);

}  // namespace sightline::aws::wire
