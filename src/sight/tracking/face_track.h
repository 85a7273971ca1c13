#pragma once
// One face under construction: its boxes in the frames that are still held, and what is known about it.

#include <cstdint>
#include <deque>
#include <optional>

#include "sight/tracking/carry.h"
#include "sight/tracking/track.h"

namespace sightline::tracking {

struct TrackState {
  media::Box box;
  float score = 0;  ///< calibrated confidence, fading with the distance from a detection
  Origin origin = Origin::detected;
  bool guess = false;      ///< beyond the frames that show the face: may be taken back
  float slack = 0;         ///< share of a side by which the face may reach beyond the box
  bool full_size = false;  ///< as in TrackedBox
};

/// Boxes stand in an unbroken run of frames. Ids are given when the track is confirmed. Not thread-safe.
class FaceTrack {
 public:
  FaceTrack(std::int64_t index, const TrackState& state) : first_(index) { states_.push_back(state); }

  [[nodiscard]] bool empty() const { return states_.empty(); }
  [[nodiscard]] std::int64_t first() const { return first_; }
  [[nodiscard]] std::int64_t last() const { return first_ + static_cast<std::int64_t>(states_.size()) - 1; }
  [[nodiscard]] bool covers(std::int64_t index) const { return index >= first() && index <= last(); }
  [[nodiscard]] const TrackState& at(std::int64_t index) const {
    return states_[static_cast<std::size_t>(index - first_)];
  }
  [[nodiscard]] TrackState& at(std::int64_t index) {
    return states_[static_cast<std::size_t>(index - first_)];
  }

  void append(const TrackState& state) { states_.push_back(state); }
  void prepend(const TrackState& state) {
    states_.push_front(state);
    --first_;
  }
  /// Takes back everything after `index`.
  void cut_after(std::int64_t index) {
    while (!states_.empty() && last() > index) states_.pop_back();
  }
  /// Forgets everything before `index`: those frames are final.
  void forget_before(std::int64_t index) {
    while (!states_.empty() && first_ < index) {
      states_.pop_front();
      ++first_;
    }
  }

  std::int64_t id = 0;          ///< 0 until something final is reported of it
  bool confirmed = false;       ///< sure enough to be painted
  bool lost = false;            ///< no longer followed; may still be bridged
  bool left = false;            ///< went beyond the border
  std::int64_t last_seen = 0;   ///< frame of the last detection
  std::int64_t last_held = 0;   ///< last frame that is no guess
  float evidence = 0;           ///< sum of the raw scores of its detections, older ones fading
  float best_score = 0;         ///< raw
  int strong_hits = 0;          ///< detections that were strong enough to start a face
  int hits = 0;                 ///< detections of any strength
  bool closely_seen = false;    ///< a deep look has been spent on it
  float confidence = 0;         ///< calibrated, of the last detection
  Drift drift;                  ///< on top of the camera, at last_held
  std::optional<Patch> anchor;  ///< appearance at the last detection

 private:
  std::deque<TrackState> states_;
  std::int64_t first_;
};

}  // namespace sightline::tracking
