#pragma once
// Numbers with their nouns in messages for people.

#include <cstdint>
#include <string>
#include <string_view>

namespace sightline {

/// "1 frame", "0 frames", "250 frames". `noun` is the singular of a noun that forms its plural with an s.
[[nodiscard]] inline std::string counted(std::int64_t number, std::string_view noun) {
  return std::to_string(number).append(" ").append(noun).append(number == 1 ? "" : "s");
}
[[nodiscard]] inline std::string counted(std::size_t number, std::string_view noun) {
  return counted(static_cast<std::int64_t>(number), noun);
}

}  // namespace sightline
