#pragma once
// A file that nobody can name: gone with the last descriptor, however the process ends.

#include <filesystem>

#include "base/descriptor.h"
#include "base/result.h"

namespace sightline {

/// Open for reading and writing, empty, mode 0600, on the file system of `folder`. Thread-safe. Errors: those
/// of making a file there.
[[nodiscard]] Result<Descriptor> nameless_file(const std::filesystem::path& folder);

}  // namespace sightline
