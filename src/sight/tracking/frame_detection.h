#pragma once
// Binds a face detector to the frames of one clip: the detector's side of FaceTracker.

#include "sight/analysis/face_detector.h"
#include "sight/media/video_reader.h"
#include "sight/tracking/face_tracker.h"

namespace sightline::tracking {

/// The side in square pixels that a clip's frames are looked at: `normal` reduces large frames, `deep` looks
/// at up to twice that, enlarging small frames, since the detector misses faces under some 16 of its own
/// pixels.
[[nodiscard]] int detection_side(analysis::Scope scope, Pass pass, media::Size displayed, float pixel_aspect);

/// The height in displayed pixels from which the faces of such a clip are covered: the passes of this scope
/// miss many of the smaller ones, and nothing that is carried between them helps where no pass ever sees the
/// face. An estimate from measured clips (docs/benchmarks/track.md), rounded up; `side` as for
/// bind_detector().
[[nodiscard]] int smallest_face(analysis::Scope scope, media::Size displayed, float pixel_aspect,
                                int side = 0);

/// Width of a displayed pixel over its height.
[[nodiscard]] float displayed_pixel_aspect(const media::VideoInfo& info);

/// Opens every session of the detector that the passes of such a tracker ask for in frames of this displayed
/// size. Errors: those of opening a session.
[[nodiscard]] Result<void> make_ready(analysis::FaceDetector& detector, const TrackerOptions& options,
                                      media::Size displayed, float pixel_aspect);

/// How many clockwise quarter turns of its displayed frames bring the people in a clip upright, judged by a
/// few of the first 60 frames that `reader`, freshly opened, gives; 0 where they are upright, or where nobody
/// is seen. Clips that were filmed sideways carry no display matrix at times. Errors: the detector's; frames
/// that cannot be read end the look.
[[nodiscard]] Result<int> turns_of_clip(analysis::FaceDetector& detector, media::VideoReader& reader,
                                        analysis::Scope scope);

/// `detector` must outlive the function. Faces down to `min_score` (raw) are returned. `side`: what the
/// normal pass reduces frames to, the longest side in square pixels; 0 = as the scope says. `quarter_turns`:
/// where it is not 0, each frame is looked at that way up too, as turns_of_clip() says. Single-threaded.
[[nodiscard]] DetectFunction bind_detector(analysis::FaceDetector& detector, const media::VideoInfo& info,
                                           analysis::Scope scope, float min_score, int side = 0,
                                           int quarter_turns = 0);

}  // namespace sightline::tracking
