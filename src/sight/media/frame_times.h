#pragma once
// When the frames of a clip are shown, without decoding them.

#include <filesystem>
#include <functional>

#include "base/result.h"

namespace sightline::media {

/// Reads `clip` and calls `see` with the presentation time (seconds) of each frame of its video track `track`
/// (from 1; 0 = every video track), in the order of the file, until `see` returns false. Frames that an edit
/// list hides are left out. Takes no longer than reading the file. Returns false where the container does not
/// say when its frames are shown (raw H.264). Damage ends it quietly. Errors: those of VideoReader::open that
/// concern the container.
[[nodiscard]] Result<bool> scan_frame_times(const std::filesystem::path& clip, int track,
                                            const std::function<bool(double seconds)>& see);

}  // namespace sightline::media
