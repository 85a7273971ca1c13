#pragma once
// What paths say by themselves, without reading the disk.

#include <filesystem>

namespace sightline {

/// The folder that a file of that name lies in; "." for a bare name.
[[nodiscard]] inline std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

}  // namespace sightline
