#pragma once
// What a face's boxes are between the frames in which it was seen.

#include <optional>

#include "sight/analysis/face_detector.h"
#include "sight/tracking/face_track.h"

namespace sightline::tracking {

/// Growth of a box for every frame that it is guessed beyond what the picture shows.
inline constexpr float kGuessGrowth = 0.02F;

/// A detector sees a face that the border cuts only up to the border. What is missing for the usual shape of
/// a face is added beyond it, so that the box moves in whole instead of growing.
[[nodiscard]] media::Box completed(const media::Box& detected, const LumaPyramid& picture);

/// What is painted for a box that was found: measured on human-checked boxes (hairline to chin), the
/// detector's are right on average but scatter by some 7% of a side, cut beards short, and small ones are off
/// by most of a pixel of the picture that it looked at. docs/tracks.md has the figures.
[[nodiscard]] media::Box covering(const media::Box& box, float slack, float detector_pixel);

/// Displayed pixels to a pixel of what a usual detection looks at.
[[nodiscard]] float detector_pixel(const LumaPyramid& picture);

/// How far a face may reach beyond what a detection says: the weaker, the further.
[[nodiscard]] float slack_of(const analysis::Face& face);
/// ... and one frame further on by content.
[[nodiscard]] float carried_slack(float slack);

/// Confidence `frames` away from the detection that it comes from.
[[nodiscard]] float faded(float confidence, std::int64_t frames);

/// How many frames the content of a face is followed without the detector agreeing: the more has spoken for
/// it, the longer.
[[nodiscard]] std::int64_t patience_of(const FaceTrack& track, int max_stride);

/// A detection's box, steadied by where the face's content was carried: boxes of one face scatter by 3 to 6%
/// of a side from look to look. Weights: the evidence for the face so far against the raw score of the new
/// box. As detected where the content was lost or the two do not overlap.
[[nodiscard]] media::Box steadied(const media::Box& detected, float score, const Path& ahead, std::int64_t to,
                                  float evidence);

/// The box in frame `index` between a known one in `from` and a detection in `to`: the two ways blended by
/// nearness; where they disagree both are covered; where both were lost, a straight line relative to the
/// camera.
[[nodiscard]] TrackState between(const FrameWindow& window, const TrackState& start, std::int64_t from,
                                 const analysis::Face& face, std::int64_t to, const Path& ahead,
                                 const Path& back, std::int64_t index);

/// The way ends so near the detection, and looks so much as at its start, that the way back has nothing to
/// add.
[[nodiscard]] bool arrives(const Path& ahead, std::int64_t to, const media::Box& detected);

/// The face's motion on top of the camera's over the frames from..to.
[[nodiscard]] Drift drift_from(const FrameWindow& window, const FaceTrack& track, std::int64_t from,
                               std::int64_t to);
[[nodiscard]] Drift drift_from_path(const FrameWindow& window, const Path& back, const media::Box& box);

/// Where a lost face and the backward way of a new detection are found to be one.
struct Meeting {
  std::int64_t last_kept = 0;  ///< last frame whose box is the lost face's own
  std::int64_t first_new = 0;  ///< first frame whose box is the new detection's way
  float affinity = 0;
};
[[nodiscard]] std::optional<Meeting> meet(const FrameWindow& window, const FaceTrack& track, const Path& back,
                                          const media::Box& detected);

/// Appends to `track`, which ends where the meeting says, the frames up to and including the detection.
void bridge(const FrameWindow& window, FaceTrack& track, std::int64_t first_new, const Path& back,
            const analysis::Face& face, std::int64_t key);

}  // namespace sightline::tracking
