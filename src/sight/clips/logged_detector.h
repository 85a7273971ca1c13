#pragma once
// Detections that are computed once: an interrupted run is followed by one that takes its answers out of a
// log. Decoding and tracking are repeated: they are deterministic, so the same answers give the same results.

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "sight/analysis/face_detector.h"
#include "sight/media/video_frame.h"
#include "sight/tracking/face_tracker.h"

namespace sightline::clips {

/// The answers of one run, in the order of asking. Of one thread.
class DetectionLog {
 public:
  virtual ~DetectionLog() = default;
  /// What an earlier run was answered to the next question, if that is this one. The first difference
  /// ends the replay.
  [[nodiscard]] virtual std::optional<std::vector<analysis::Face>> replay(std::int64_t frame,
                                                                          tracking::Pass pass) = 0;
  /// After the replay's end: the answer to the question just asked.
  [[nodiscard]] virtual Result<void> record(std::int64_t frame, tracking::Pass pass,
                                            const std::vector<analysis::Face>& faces) = 0;
};

/// Asks the log, or else the detector. Of one thread; the figures may be read by another once that is done.
class LoggedDetector {
 public:
  /// `log` may be null, and outlives this. `detect` may be empty where nothing is ever asked.
  LoggedDetector(tracking::DetectFunction detect, DetectionLog* log)
      : detect_(std::move(detect)), log_(log) {}

  /// Errors: those of the detector and of the log.
  [[nodiscard]] Result<std::vector<analysis::Face>> detect(const media::VideoFrame& frame, std::int64_t index,
                                                           tracking::Pass pass);

  /// How often it was asked, replayed answers included.
  [[nodiscard]] std::int64_t runs() const { return runs_; }
  /// What the detector, and the writing of its answers, took.
  [[nodiscard]] double seconds() const { return seconds_; }

 private:
  tracking::DetectFunction detect_;
  DetectionLog* log_;
  std::int64_t runs_ = 0;
  double seconds_ = 0;
};

}  // namespace sightline::clips
