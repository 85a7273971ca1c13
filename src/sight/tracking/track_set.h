#pragma once
// The faces that are followed: what becomes of them when a stretch between two key frames is closed.
//
// Every known face is carried forward from the earlier key frame, every detection backward from the later
// one, by content; where the two ways meet they are blended. Two thresholds (Zhang et al., "ByteTrack",
// 2021): strong detections start a face, weak ones only continue one. docs/tracks.md has the rules in words.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "sight/tracking/face_track.h"
#include "sight/tracking/face_tracker.h"
#include "sight/tracking/frame_window.h"

namespace sightline::tracking {

/// Height in detector pixels from which a coarse finds a face.
inline constexpr float kCoarseMinHeight = 44;

/// What a pass over a frame found.
struct PassResult {
  Pass pass = Pass::normal;
  std::vector<analysis::Face> faces;
};

/// A detection at the end of a stretch, with what became of it.
struct StretchDetection {
  analysis::Face face;
  Path back;  ///< from the detection towards the past
  bool matched = false;
};

/// Everything known about the frames between two key frames before it is settled.
struct Stretch {
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::vector<std::size_t> active;  ///< tracks that reach `from`
  std::vector<Path> ahead;          ///< one an active track
  std::vector<StretchDetection> detections;
  std::vector<std::pair<std::size_t, std::size_t>> matches;  ///< (n-th active, n-th detection)
  Pass pass = Pass::normal;
  float doubtful_height = 0;  ///< of the smallest face that came or went; 0: none

  void doubt(const media::Box& box) {
    doubtful_height = doubtful_height > 0 ? std::min(doubtful_height, box.height) : box.height;
  }
};

/// Single-threaded, deterministic. `options` and `window` outlive it.
class TrackSet {
 public:
  TrackSet(const TrackerOptions& options, const FrameWindow& window) : options_(options), window_(window) {}

  /// The first frame of a clip or of a scene.
  void start_scene(std::int64_t index, const PassResult& seen);
  /// No face is followed beyond the newest frame.
  void end_scene();
  /// What the picture says about the frames from..to; nothing is decided yet.
  [[nodiscard]] Stretch survey(std::int64_t from, std::int64_t to, const PassResult& seen);
  void settle(Stretch& stretch);
  /// The boxes of the oldest held frame, now final.
  [[nodiscard]] std::vector<TrackedBox> take(std::int64_t index);

  /// What else to look at key frame `key` with, after a pass `seen` over it: a candidate that was detected
  /// there but not often or surely enough to be painted is looked at again at once, at another size. A later
  /// key frame may come too late for it: the clip may end, or the frames in which it can be seen. nullopt:
  /// nothing.
  [[nodiscard]] std::optional<Pass> second_pass(std::int64_t key, Pass seen) const;
  /// A second pass over key frame `index`, the newest one that is settled.
  void add_second_look(std::int64_t index, const PassResult& seen);

  /// Key frame at which a face was last found missing.
  [[nodiscard]] std::int64_t last_loss() const { return last_loss_; }
  /// Of the faces in frame `key`, on top of the camera's, in box sizes a frame.
  [[nodiscard]] float greatest_speed(std::int64_t key) const;

 private:
  void settle_match(Stretch& stretch, std::size_t active, StretchDetection& detection);
  void settle_missing(Stretch& stretch, std::size_t active);
  void settle_new(Stretch& stretch, StretchDetection& detection);
  [[nodiscard]] bool join(StretchDetection& detection, std::int64_t key, Pass pass);
  void note_detection(FaceTrack& track, std::int64_t index, const analysis::Face& face, Pass pass);
  void extrapolate_after(FaceTrack& track, std::int64_t newest);
  void extrapolate_before(FaceTrack& track, std::int64_t oldest);
  void drop_duplicates(std::int64_t key);

  const TrackerOptions& options_;
  const FrameWindow& window_;
  std::vector<FaceTrack> tracks_;
  std::int64_t scene_start_ = 0;
  std::int64_t next_id_ = 1;
  std::int64_t last_loss_ = -1000;
};

}  // namespace sightline::tracking
