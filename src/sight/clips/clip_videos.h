#pragma once
// The video tracks of a clip that a run works on: dual-lens cameras write several.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "sight/media/video_reader.h"

namespace sightline::clips {

/// More than any camera writes; each costs an opening of the file before the work begins.
inline constexpr int kMostVideoTracks = 16;

struct ClipVideo {
  media::VideoInfo info;
  std::optional<media::VideoReader> reader;  ///< of one track, so that a usual clip is opened once
};

/// The tracks to be worked on, in the file's order: all, or the one numbered `wanted` (from 1) where that is
/// not 0; `notes` names the others then. Errors: those of VideoReader::open, of any track to be worked on:
/// one that cannot be processed would else be missing from the output unnoticed; too_large when there are
/// more than kMostVideoTracks.
[[nodiscard]] Result<std::vector<ClipVideo>> open_videos(const std::filesystem::path& input, int wanted,
                                                         std::vector<std::string>& notes);

/// What open_videos() finds, without the readers.
[[nodiscard]] Result<std::vector<media::VideoInfo>> clip_videos(const std::filesystem::path& input,
                                                                int wanted);

/// "video track 2: " before a note on one of several, else nothing.
[[nodiscard]] std::string video_prefix(const media::VideoInfo& info);

}  // namespace sightline::clips
