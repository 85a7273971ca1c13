#pragma once
// Chooses the frames that a job's results tell of.

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "sight/analysis/face_detector.h"
#include "sight/jobs/types.h"
#include "sight/media/video_reader.h"
#include "sight/tracking/track.h"

namespace sightline::jobs {

/// The first frame at or after each multiple of the interval, and those in which a face is first and last
/// seen, each with all its faces: whoever goes from one sample to the next misses no face and no end of one.
/// Frames without faces are not told. Not thread-safe.
class Sampler {
 public:
  Sampler(const media::VideoInfo& info, std::chrono::milliseconds interval);

  /// The next frame, with what the detector saw in that very frame. Gives the sample before it, if it became
  /// one.
  [[nodiscard]] std::optional<FrameSample> add(const tracking::FrameTracks& frame,
                                               const std::vector<analysis::Face>& detected);
  /// The end of the clip.
  [[nodiscard]] std::optional<FrameSample> finish();
  [[nodiscard]] std::int64_t frames() const { return frames_; }

 private:
  [[nodiscard]] std::int64_t milliseconds(std::int64_t pts) const;
  [[nodiscard]] SampledFace face_of(const tracking::TrackedBox& box,
                                    const std::vector<analysis::Face>& detected) const;

  const media::Rational time_base_;
  const float width_;
  const float height_;
  const std::int64_t interval_;
  std::int64_t frames_ = 0;
  std::int64_t first_pts_ = 0;
  std::int64_t due_ = 0;  ///< milliseconds
  FrameSample held_;      ///< the frame before: the next one tells whether a face ends in it
  bool held_is_due_ = false;
  std::set<std::int64_t> running_;  ///< tracks of the frame before
};

}  // namespace sightline::jobs
