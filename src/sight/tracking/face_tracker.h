#pragma once
// Covers every frame of a clip with face boxes while running the detector on few of them.

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/result.h"
#include "sight/analysis/face_detector.h"
#include "sight/media/raster.h"
#include "sight/media/video_frame.h"
#include "sight/tracking/track.h"

namespace sightline::tracking {

/// Faces found in a frame by a pass of some cost; `index` counts the frames from 0. Injected: the clip
/// pipeline binds it to FaceDetector and the journal, tests to made-up truth.
///
/// normal: the scope's own size. deep: up to twice that, now and then, to find what normal misses. coarse:
/// half that size at a quarter of the cost, in between; it sees no small faces, but large blurred ones
/// better.
enum class Pass { normal, deep, coarse };
using DetectFunction = std::function<Result<std::vector<analysis::Face>>(const media::VideoFrame& frame,
                                                                         std::int64_t index, Pass pass)>;

struct TrackerOptions {
  analysis::Scope scope = analysis::Scope::balanced;
  float start_score = 0.25F;      ///< raw score that starts a track once it was found twice
  float sure_score = 0.5F;        ///< raw score that starts one at once
  float keep_score = 0.15F;       ///< raw score that continues one
  int max_stride = 5;             ///< frames between detections when nothing moves
  int look_back = 16;             ///< frames held for backward tracking and bridging: the bound on memory
  float usual_stride = 4;         ///< frames between detections to begin with
  float detection_share = 0.23F;  ///< normal detections a frame that may be spent in the long run
  int full_interval = 9;          ///< frames from one normal pass to the next; coarse passes stand between
  int search = 8;                 ///< frames after a face was lost in which the detector looks closely
  int deep_interval = 0;          ///< frames between deep passes; 0 = none
  int tail = 1;                   ///< frames painted before the first and after the last that shows a face
};
[[nodiscard]] TrackerOptions tracker_options(analysis::Scope scope);

/// A frame whose boxes are final.
struct CoveredFrame {
  media::VideoFrame frame;
  std::int64_t index = 0;
  FrameTracks tracks;
};

/// Push frames in display order; take finished ones out. Holds at most look_back + max_stride frames.
/// Deterministic: same frames and detections, same boxes. Not thread-safe.
class FaceTracker {
 public:
  static std::unique_ptr<FaceTracker> create(const TrackerOptions& options,
                                             const media::Orientation& orientation, DetectFunction detect);
  virtual ~FaceTracker() = default;
  /// Frames that became final by this one, in order; often none.
  [[nodiscard]] virtual Result<std::vector<CoveredFrame>> push(media::VideoFrame frame) = 0;
  [[nodiscard]] virtual Result<std::vector<CoveredFrame>> finish() = 0;
};

}  // namespace sightline::tracking
