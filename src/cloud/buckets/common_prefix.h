#pragma once
// How keys are grouped when they are listed with a delimiter.

#include <optional>
#include <string>
#include <string_view>

namespace sightline::buckets {

/// What a key that begins with `prefix` is listed under, up to the first delimiter behind it; nullopt where
/// it stands for itself.
inline std::optional<std::string> common_prefix(std::string_view key, std::string_view prefix,
                                                std::string_view delimiter) {
  if (delimiter.empty()) return std::nullopt;
  const std::size_t found = key.find(delimiter, prefix.size());
  if (found == std::string_view::npos) return std::nullopt;
  return std::string(key.substr(0, found + delimiter.size()));
}

}  // namespace sightline::buckets
