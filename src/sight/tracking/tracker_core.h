#pragma once
// The tracker itself, on luma pyramids: which frames to look at, and what stands between them.
//
// Detection runs on key frames. The stretch between two of them is closed as a whole: every known face is
// carried forward from the earlier key frame, every detection backward from the later one, by content; where
// the two ways meet they are blended. Two thresholds (Zhang et al., "ByteTrack", 2021): strong detections
// start a face, weak ones only continue one. Where a stretch leaves doubt (a face that came or went within
// it) the detector also looks at its middle. docs/tracks.md describes the rules in words.

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/result.h"
#include "sight/tracking/face_tracker.h"
#include "sight/tracking/frame_window.h"
#include "sight/tracking/trail.h"

namespace sightline::tracking {

/// Single-threaded, deterministic. See FaceTracker for the contract.
class TrackerCore {
 public:
  TrackerCore(const TrackerOptions& options, DetectFunction detect)
      : options_(options), detect_(std::move(detect)) {}

  /// The next frame; `luma` is its pyramid.
  [[nodiscard]] Result<std::vector<CoveredFrame>> push(media::VideoFrame frame, std::int64_t pts,
                                                       LumaPyramid luma);
  [[nodiscard]] Result<std::vector<CoveredFrame>> finish();
  [[nodiscard]] std::int64_t frames_held() const { return window_.end() - window_.first(); }

 private:
  struct Look;      // what a pass over a frame found
  struct Sighting;  // a detection at the end of a stretch, with what became of it
  struct Stretch;   // everything known about the frames between two key frames before it is settled

  [[nodiscard]] Result<Look> look(std::int64_t index, Pass pass);
  [[nodiscard]] Pass pass_for(std::int64_t index);
  [[nodiscard]] Result<void> start_scene(std::int64_t index);
  [[nodiscard]] Result<void> end_scene(std::int64_t last);
  [[nodiscard]] Result<void> advance(std::int64_t key, Pass pass);
  [[nodiscard]] Result<void> close(std::int64_t from, std::int64_t to, const Look& seen, int depth);
  [[nodiscard]] Stretch survey(std::int64_t from, std::int64_t to, const Look& seen);
  void settle(Stretch& stretch);
  void settle_match(Stretch& stretch, std::size_t trail, Sighting& sighting);
  void settle_missing(Stretch& stretch, std::size_t trail);
  void settle_new(Stretch& stretch, Sighting& sighting);
  [[nodiscard]] bool join(Sighting& sighting, std::int64_t key, Pass pass);
  void note_detection(Trail& trail, std::int64_t index, const analysis::Face& face, Pass pass);
  [[nodiscard]] float detector_pixel(std::int64_t index) const;
  void extrapolate_after(Trail& trail, std::int64_t newest);
  void extrapolate_before(Trail& trail, std::int64_t oldest);
  void drop_duplicates(std::int64_t key);
  void plan_next(std::int64_t key, bool doubt);
  [[nodiscard]] std::vector<CoveredFrame> release(std::int64_t end);

  TrackerOptions options_;
  DetectFunction detect_;
  FrameWindow window_;
  std::vector<Trail> trails_;
  std::int64_t scene_start_ = 0;
  std::int64_t last_key_ = -1;
  std::int64_t next_key_ = 0;
  std::int64_t next_id_ = 1;
  std::int64_t last_deep_ = 0;
  std::int64_t last_full_ = 0;      ///< normal or deep
  std::int64_t last_loss_ = -1000;  ///< key frame at which a face was found missing
  float budget_ = 0;                ///< detections that may still be spent on doubt
  float stride_ = 0;
};

}  // namespace sightline::tracking
