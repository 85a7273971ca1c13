#pragma once
// Whether what the user named by place and time is in the input at all.

#include <filesystem>
#include <optional>
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

/// Whether one of `exclusions` touches the box, at that time where there is one (a picture has none).
[[nodiscard]] bool is_excluded(const media::Box& box, const std::vector<Region>& exclusions,
                               std::optional<double> seconds);

/// What a clip does not have of what was named.
struct AreasInClip {
  std::vector<std::string> missing;  ///< a line each, as of areas_outside()
  bool times_known = true;           ///< false: spans are unchecked, since the container states no times
};

/// The same for a clip, and for each area whose span holds none of the frames that the output is to have.
/// Reads the clip, without decoding, as far as it must to find a frame of each span. `videos` are the video
/// tracks that are processed: an area or span counts that one of them has. Errors: invalid_argument where not
/// one frame lies between options.span's ends, with the clip's own times; those of reading.
[[nodiscard]] Result<AreasInClip> areas_not_in_clip(const std::filesystem::path& clip,
                                                    std::span<const media::VideoInfo> videos,
                                                    const ClipOptions& options);

/// The same of spans for a clip whose container states no times: called with each frame as it is decoded.
class SpanWatch {
 public:
  /// `options` outlives it.
  explicit SpanWatch(const ClipOptions& options);
  /// A frame of the output.
  void add(double seconds);
  /// After the last frame: the areas whose spans held none.
  [[nodiscard]] std::vector<std::string> missing() const;

 private:
  const ClipOptions& options_;
  std::vector<const Region*> unseen_;
  std::optional<double> first_;
  double last_ = 0;
};

/// "its frames are shown from 0.000 to 1.960 s"
[[nodiscard]] std::string frames_shown(std::optional<double> first, double last);

}  // namespace sightline::anonymize
