#include "sight/clips/clip_pipeline.h"

#include <algorithm>
#include <cstdint>

#include "sight/clips/stage_timer.h"

namespace sightline::clips {

namespace {

/// The tracker hands frames on in bursts, one for every detection, and the encoder goes on meanwhile with
/// what waits: one that waits for the next burst leaves a core idle.
constexpr std::int64_t kFewestWaiting = 2;  // frames
constexpr std::int64_t kMostWaiting = 16;
constexpr std::int64_t kWaitingBytes = std::int64_t{8} << 20;  // about

std::size_t waiting_frames(const media::VideoInfo& info) {
  const std::int64_t bytes = std::int64_t{2} * info.stored_size.width * info.stored_size.height;
  return static_cast<std::size_t>(std::clamp(kWaitingBytes / bytes, kFewestWaiting, kMostWaiting));
}

}  // namespace

ClipPipeline::ClipPipeline(media::VideoReader reader, PipelineOptions options,
                           tracking::DetectFunction detect, std::stop_token stop)
    : reader_(std::move(reader)),
      options_(std::move(options)),
      detect_(std::move(detect)),
      stop_(stop),
      covered_(waiting_frames(reader_.info())),
      on_stop_(stop, [this] { stop_with({ErrorKind::cancelled, "stopped on request"}); }),
      decoder_([this] { decode(); }),
      tracker_([this] { track(); }) {}

ClipPipeline::~ClipPipeline() {
  decoded_.close();
  covered_.close();
}

void ClipPipeline::stop_with(Error error) {
  {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
  }
  decoded_.close();
  covered_.close();
}

void ClipPipeline::decode() {
  if (auto done = decode_frames(); !done) return stop_with(std::move(done).error());
  decoded_.close();
}

Result<void> ClipPipeline::decode_frames() {
  while (true) {
    std::optional<media::VideoFrame> frame;
    {
      const StageTimer timer(decode_seconds_);
      frame = TRY(reader_.next());
    }
    if (!frame) return {};
    const double seconds = static_cast<double>(frame->pts()) * reader_.info().time_base.value();
    decoded_times_ = {decoded_times_ ? decoded_times_->first : seconds, seconds};
    if (options_.span.to && seconds >= *options_.span.to) return {};
    if (!options_.span.contains(seconds)) continue;
    if (!decoded_.push(std::move(*frame))) return {};
  }
}

void ClipPipeline::track() {
  if (auto done = track_frames(); !done) return stop_with(std::move(done).error());
  covered_.close();
}

Result<void> ClipPipeline::track_frames() {
  std::unique_ptr<tracking::FaceTracker> tracker;
  if (!options_.known_boxes) {
    tracker = tracking::FaceTracker::create(options_.tracker, reader_.info().orientation, detect_);
  }
  const auto hand_on = [&](std::vector<tracking::CoveredFrame> frames) {
    for (tracking::CoveredFrame& frame : frames) {
      if (!covered_.push(std::move(frame))) return false;
    }
    return true;
  };
  for (std::int64_t index = 0;; ++index) {
    std::optional<media::VideoFrame> frame = decoded_.pop();
    if (!frame) break;
    std::vector<tracking::CoveredFrame> ready;
    if (tracker) {
      const StageTimer timer(track_seconds_);
      ready = TRY(tracker->push(std::move(*frame)));
    } else {
      const std::int64_t pts = frame->pts();
      ready.push_back({std::move(*frame), index, {pts, options_.known_boxes(reader_.info().track, pts)}});
    }
    if (!hand_on(std::move(ready))) return {};
  }
  if (tracker) hand_on(TRY(tracker->finish()));
  return {};
}

Result<std::optional<tracking::CoveredFrame>> ClipPipeline::next() {
  std::optional<tracking::CoveredFrame> frame = covered_.pop();
  const std::lock_guard lock(mutex_);
  if (error_) return std::unexpected(*error_);
  return frame;
}

}  // namespace sightline::clips
