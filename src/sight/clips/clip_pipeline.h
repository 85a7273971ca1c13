#pragma once
// What every run over a clip begins with, each stage on a thread of its own: decode, then detect and track.

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/bounded_queue.h"
#include "base/result.h"
#include "sight/media/video_reader.h"
#include "sight/tracking/face_tracker.h"

namespace sightline::clips {

/// A stretch of a clip in seconds of presentation time; an absent end is open. `to` is exclusive.
struct TimeSpan {
  std::optional<double> from;
  std::optional<double> to;
  [[nodiscard]] bool contains(double seconds) const {
    return (!from || seconds >= *from) && (!to || seconds < *to);
  }
};

/// Known boxes of a frame, by its video track (as in VideoInfo) and pts, instead of detection (an edited
/// tracks file).
using BoxLookup = std::function<std::vector<tracking::TrackedBox>(int video, std::int64_t pts)>;

struct PipelineOptions {
  tracking::TrackerOptions tracker;  ///< its keep_score is the least score that the detector returns
  BoxLookup known_boxes;             ///< set: no detection takes place
  TimeSpan span;                     ///< only this part of the clip
};

/// Frames of a clip's span with their final boxes, in display order. Starts its threads when made and joins
/// them when destroyed. next() is for one thread.
class ClipPipeline {
 public:
  /// `detect` is called on the tracking thread; unused where boxes are known.
  ClipPipeline(media::VideoReader reader, PipelineOptions options, tracking::DetectFunction detect,
               std::stop_token stop);
  ~ClipPipeline();
  ClipPipeline(const ClipPipeline&) = delete;
  ClipPipeline& operator=(const ClipPipeline&) = delete;

  /// nullopt at the end; cancelled when the stop token asked for it.
  [[nodiscard]] Result<std::optional<tracking::CoveredFrame>> next();
  [[nodiscard]] const media::VideoInfo& info() const { return reader_.info(); }
  /// After the end only.
  [[nodiscard]] const std::string& damage() const { return reader_.damage(); }
  /// When the first and the last frame that were decoded are shown, in seconds, in the span or not; none
  /// where there were none. After the end only. Nothing from the span's end on is decoded.
  [[nodiscard]] std::optional<std::pair<double, double>> decoded_times() const { return decoded_times_; }
  [[nodiscard]] double decode_seconds() const { return decode_seconds_; }
  [[nodiscard]] double track_seconds() const { return track_seconds_; }

 private:
  void decode();
  void track();
  Result<void> decode_frames();
  Result<void> track_frames();
  void stop_with(Error error);

  media::VideoReader reader_;
  const PipelineOptions options_;
  tracking::DetectFunction detect_;
  std::stop_token stop_;
  BoundedQueue<media::VideoFrame> decoded_{2};
  BoundedQueue<tracking::CoveredFrame> covered_;
  std::mutex mutex_;
  std::optional<Error> error_;                              // the first one; guarded by mutex_
  std::optional<std::pair<double, double>> decoded_times_;  // as decode_seconds_
  double decode_seconds_ = 0;  // written by the decoder's thread; read after the end
  double track_seconds_ = 0;   // likewise, detection included
  std::stop_callback<std::function<void()>> on_stop_;
  std::jthread decoder_;
  std::jthread tracker_;
};

}  // namespace sightline::clips
