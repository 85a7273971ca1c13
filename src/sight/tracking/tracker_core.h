#pragma once
// The tracker itself, on luma pyramids: which frames to look at, and what stands between them.
//
// Detection runs on key frames, and the stretch between two of them is closed as a whole (TrackSet). Where a
// stretch leaves doubt (a face that came or went within it) the detector also looks at its middle.
// docs/tracks.md describes the rules in words.

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/result.h"
#include "sight/tracking/face_tracker.h"
#include "sight/tracking/frame_window.h"
#include "sight/tracking/track_set.h"

namespace sightline::tracking {

/// Single-threaded, deterministic. See FaceTracker for the contract.
class TrackerCore {
 public:
  TrackerCore(const TrackerOptions& options, DetectFunction detect)
      : options_(options), detect_(std::move(detect)), tracks_(options_, window_) {}
  // tracks_ borrows from its neighbours.
  TrackerCore(const TrackerCore&) = delete;
  TrackerCore& operator=(const TrackerCore&) = delete;

  /// The next frame; `luma` is its pyramid.
  [[nodiscard]] Result<std::vector<CoveredFrame>> push(media::VideoFrame frame, std::int64_t pts,
                                                       LumaPyramid luma);
  [[nodiscard]] Result<std::vector<CoveredFrame>> finish();
  [[nodiscard]] std::int64_t frames_held() const { return window_.end() - window_.first(); }

 private:
  enum class Doubt { look_closer, accept };

  [[nodiscard]] Result<PassResult> look(std::int64_t index, Pass pass);
  [[nodiscard]] Pass pass_for(std::int64_t index);
  [[nodiscard]] Result<void> start_scene(std::int64_t index);
  [[nodiscard]] Result<void> end_scene(std::int64_t last);
  [[nodiscard]] Result<void> advance(std::int64_t key, Pass pass);
  [[nodiscard]] Result<void> close(std::int64_t from, std::int64_t to, const PassResult& seen, Doubt doubt);
  [[nodiscard]] Result<void> look_again(std::int64_t key, Pass pass);
  void plan_next(std::int64_t key, bool doubt);
  [[nodiscard]] std::vector<CoveredFrame> release(std::int64_t end);

  TrackerOptions options_;
  DetectFunction detect_;
  FrameWindow window_;
  TrackSet tracks_;
  std::int64_t last_key_ = -1;
  std::int64_t next_key_ = 0;
  std::int64_t last_deep_ = 0;
  std::int64_t last_asked_ = 0;  ///< deep pass that a candidate asked for
  std::int64_t last_full_ = 0;   ///< normal or deep
  float budget_ = 0;             ///< detections that may still be spent on doubt
  float stride_ = 0;
};

}  // namespace sightline::tracking
