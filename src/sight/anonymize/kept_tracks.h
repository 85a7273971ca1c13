#pragma once
// Which boxes of a clip are to be painted when some people are to stay: known only once their tracks are
// whole, so the clip is followed once before it is painted.

#include <filesystem>
#include <stop_token>
#include <string>

#include "sight/anonymize/clip_job.h"
#include "sight/anonymize/kept_people.h"

namespace sightline::anonymize {

struct BoxesToPaint {
  clips::BoxLookup boxes;       ///< for ClipOptions::known_boxes
  std::string id;               ///< for ClipOptions::known_boxes_id
  std::size_t kept_tracks = 0;  ///< of people who stay
  std::int64_t detections = 0;  ///< detector runs of the tracker
};

/// Follows every face of `input`, looks at each two or three times a second, and leaves out the tracks that
/// are surely kept people's. Errors: those of track_clip and of the models; cancelled.
[[nodiscard]] Result<BoxesToPaint> boxes_to_paint(const std::filesystem::path& input,
                                                  const KeptPeople& people, analysis::FaceDetector& detector,
                                                  const ClipOptions& options,
                                                  const std::function<void(const Progress&)>& progress,
                                                  std::stop_token stop);

}  // namespace sightline::anonymize
