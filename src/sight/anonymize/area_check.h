#pragma once
// Whether what the user named by place and time is in the input at all.

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "sight/anonymize/clip_job.h"

namespace sightline::anonymize {

/// One line for each of `regions` and `exclusions` that lies outside all pictures of these `sizes`
/// (displayed), naming the area and the sizes. Their times are not looked at: a picture has none.
[[nodiscard]] std::vector<std::string> areas_outside(std::span<const media::Size> sizes,
                                                     const std::vector<Region>& regions,
                                                     const std::vector<Region>& exclusions);

/// The same for a clip, and for each area whose span holds none of the frames that the output is to have.
/// Reads the clip, without decoding, as far as it must to find a frame of each span. `videos` are the video
/// tracks that are processed: an area or span counts that one of them has. Errors: invalid_argument where not
/// one frame lies between options.span's ends, with the clip's own times; those of reading.
[[nodiscard]] Result<std::vector<std::string>> areas_not_in_clip(const std::filesystem::path& clip,
                                                                 std::span<const media::VideoInfo> videos,
                                                                 const ClipOptions& options);

}  // namespace sightline::anonymize
