#pragma once
// Chooses the frames that a job's results describe.

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <vector>

#include "sight/analysis/face_detector.h"
#include "sight/jobs/point_carrier.h"
#include "sight/jobs/types.h"
#include "sight/media/video_reader.h"
#include "sight/tracking/face_tracker.h"

namespace sightline::jobs {

/// A sample and the frame that it describes.
struct Shot {
  FrameSample sample;
  media::VideoFrame frame;
};

/// How many frames of the clip have so many pixels together; one at least.
[[nodiscard]] std::size_t frames_within(std::int64_t pixels, const media::VideoInfo& info);

/// The first frame at or after each multiple of the interval, and those in which a face is first and last
/// seen, each with all its faces: whoever goes from one sample to the next misses no face and no end of one.
/// Frames without faces are not reported. A face has points where it was ever detected. Not thread-safe.
class Sampler {
 public:
  /// Bounds what waits: 15 frames of 3840x2160.
  static constexpr std::int64_t kHeldPixels = 128'000'000;

  Sampler(const media::VideoInfo& info, std::chrono::milliseconds interval);

  /// The next frame, with what the detector saw in that very frame. Gives the samples that are complete by
  /// it, in order: none of this very frame.
  [[nodiscard]] std::vector<Shot> add(const tracking::CoveredFrame& frame,
                                      const std::vector<analysis::Face>& detected);
  /// The end of the clip.
  [[nodiscard]] std::vector<Shot> finish();
  [[nodiscard]] std::int64_t frames() const { return frames_; }

 private:
  [[nodiscard]] std::int64_t milliseconds(std::int64_t pts) const;
  [[nodiscard]] SampledFace face_of(const tracking::TrackedBox& box,
                                    const std::vector<analysis::Face>& detected) const;

  const media::Rational time_base_;
  const float width_;
  const float height_;
  const std::int64_t interval_;
  const std::size_t most_waiting_;
  std::int64_t frames_ = 0;
  std::int64_t first_pts_ = 0;
  std::int64_t due_ = 0;  ///< milliseconds
  Shot held_;             ///< the frame before: the next one shows whether a face ends in it
  bool held_is_due_ = false;
  std::set<std::int64_t> running_;  ///< tracks of the frame before
  PointCarrier points_;
  struct Waiting {
    Shot shot;
    std::int64_t since = 0;  ///< frame
  };
  [[nodiscard]] bool is_complete(const Waiting& waiting) const;
  std::deque<Waiting> waiting_;  ///< for the first detection of a face that was followed back from there
};

}  // namespace sightline::jobs
