#pragma once
// Detects whether a clip's file is shorter than its own headers say.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

namespace sightline::media {

struct MissingBytes {
  std::int64_t announced = 0;  ///< how long the file would have to be
  std::int64_t present = 0;    ///< how long it is
};

/// Walks the outermost chunks (ISO boxes, the Matroska segment, RIFF lists, transport stream packets).
/// Empty when the file is as long as they say, when they say nothing (live recordings), or when
/// `container` (libav's demuxer name) is none of these. Bytes after the last whole chunk are no damage.
[[nodiscard]] std::optional<MissingBytes> missing_bytes(const std::filesystem::path& path,
                                                        std::string_view container);
/// The same of an open file, which stays the caller's.
[[nodiscard]] std::optional<MissingBytes> missing_bytes(int descriptor, std::string_view container);

}  // namespace sightline::media
