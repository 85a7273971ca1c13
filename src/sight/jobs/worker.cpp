#include "sight/jobs/worker.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <map>
#include <mutex>

#include "base/descriptor.h"
#include "sight/clips/clip_pipeline.h"
#include "sight/clips/logged_detector.h"
#include "sight/jobs/face_inspector.h"
#include "sight/jobs/inspection.h"
#include "sight/jobs/records.h"
#include "sight/jobs/sampler.h"
#include "sight/tracking/frame_detection.h"

namespace sightline::jobs {
namespace {

constexpr std::chrono::milliseconds kAdvanceEvery{500};
/// Samples that wait for a look: 7 of 3840x2160.
constexpr std::size_t kMostWaiting = 16;
constexpr std::int64_t kWaitingPixels = 64'000'000;

tracking::TrackerOptions tracker_options() {
  return tracking::tracker_options(analysis::Scope::balanced);
}

/// Thread-safe: the tracking thread reports detections, the inspection's samples, the caller's all
/// else.
class RecordPipe {
 public:
  explicit RecordPipe(int fd) : fd_(fd) {}
  Result<void> send(const Record& record) {
    const Bytes bytes = encode(record);
    const std::lock_guard lock(mutex_);
    return write_all(fd_, bytes, "the pipe to the server");
  }

 private:
  const int fd_;
  std::mutex mutex_;
};

/// The answers of an earlier worker, as long as the same questions are asked; new ones go to the server.
class JournalAndPipe final : public clips::DetectionLog {
 public:
  /// `journal` is only read.
  JournalAndPipe(int journal, const std::string& key, RecordPipe& pipe) : journal_(journal), pipe_(pipe) {
    const auto first = next();
    const auto* hello = first ? std::get_if<Hello>(&*first) : nullptr;
    if (hello == nullptr || hello->key != key) journal_ = -1;
  }

  std::optional<std::vector<analysis::Face>> replay(std::int64_t frame, tracking::Pass pass) override {
    if (journal_ < 0) return std::nullopt;
    auto record = next();
    auto* known = record ? std::get_if<Detection>(&*record) : nullptr;
    if (known == nullptr || known->frame != frame || known->pass != pass) {
      journal_ = -1;
      return std::nullopt;
    }
    ++ordinal_;
    return std::move(known->faces);
  }
  Result<void> record(std::int64_t frame, tracking::Pass pass,
                      const std::vector<analysis::Face>& faces) override {
    return pipe_.send(Detection{ordinal_++, frame, pass, faces});
  }

 private:
  std::optional<Record> next() {
    std::array<std::uint8_t, 16 * 1024> buffer;
    while (journal_ >= 0) {
      auto record = reader_.next();
      if (!record) return std::nullopt;
      if (*record) return std::move(*record);
      const ssize_t count = ::pread(journal_, buffer.data(), buffer.size(), position_);
      if (count <= 0) return std::nullopt;
      position_ += count;
      reader_.feed(std::span(buffer).first(static_cast<std::size_t>(count)));
    }
    return std::nullopt;
  }

  int journal_;
  std::int64_t position_ = 0;
  RecordReader reader_;
  RecordPipe& pipe_;
  std::int64_t ordinal_ = 0;
};

/// The faces that the tracker was given, by frame. add() is the tracking thread's, take() any other's.
class SeenFaces {
 public:
  void add(std::int64_t index, const std::vector<analysis::Face>& faces) {
    const std::lock_guard lock(mutex_);
    auto& seen = seen_[index];
    seen.insert(seen.end(), faces.begin(), faces.end());
  }
  /// Forgets all frames up to this one.
  std::vector<analysis::Face> take(std::int64_t index) {
    const std::lock_guard lock(mutex_);
    std::vector<analysis::Face> faces;
    if (const auto found = seen_.find(index); found != seen_.end()) faces = std::move(found->second);
    seen_.erase(seen_.begin(), seen_.upper_bound(index));
    return faces;
  }

 private:
  std::mutex mutex_;
  std::map<std::int64_t, std::vector<analysis::Face>> seen_;  // guarded by mutex_
};

/// No more than a record holds: a replay gives the same.
tracking::DetectFunction bounded(tracking::DetectFunction detect) {
  return [detect = std::move(detect)](const media::VideoFrame& frame, std::int64_t index,
                                      tracking::Pass pass) -> Result<std::vector<analysis::Face>> {
    std::vector<analysis::Face> faces = TRY(detect(frame, index, pass));
    if (faces.size() > kMaxFaces) faces.resize(kMaxFaces);  // the worst ones
    return faces;
  };
}

std::int64_t milliseconds(double seconds) {
  return std::llround(std::clamp(seconds * 1000, 0.0, 1e12));
}

ClipFound describe(const media::VideoInfo& info, const media::VideoFrame& first) {
  ClipFound found;
  found.info.codec = info.codec;
  found.info.container = info.container;
  found.info.size = info.displayed_size();
  found.info.duration_ms = milliseconds(static_cast<double>(info.duration) * info.time_base.value());
  if (info.frame_rate.num > 0) found.info.frame_rate = info.frame_rate.value();
  found.info.full_range = first.full_range();
  found.frames = std::max<std::int64_t>(0, info.frame_count);
  return found;
}

Result<void> check_length(double seconds, std::chrono::seconds longest) {
  if (seconds <= static_cast<double>(longest.count())) return {};
  return fail(ErrorKind::too_large, fmt::format("the clip is too long: it may last {} hours at most; cut it",
                                                static_cast<double>(longest.count()) / 3600));
}

/// An error is the clip's, but for those of the pipe, which nobody would hear of anyway.
Result<void> process_clip(const WorkerOrder& order, const WorkerModels& models, RecordPipe& pipe,
                          const std::string& key) {
  media::VideoReader reader = TRY(media::VideoReader::open(order.clip, "the clip"));
  const media::VideoInfo info = reader.info();
  const double tick = info.time_base.value();
  TRY(check_length(static_cast<double>(info.duration) * tick, order.longest));
  clips::PipelineOptions options;
  options.tracker = tracker_options();
  JournalAndPipe log(order.journal, key, pipe);
  clips::LoggedDetector detector(bounded(tracking::bind_detector(models.detector, info, options.tracker.scope,
                                                                 options.tracker.keep_score)),
                                 &log);
  SeenFaces seen_faces;
  const auto detect = [&](const media::VideoFrame& frame, std::int64_t index,
                          tracking::Pass pass) -> Result<std::vector<analysis::Face>> {
    std::vector<analysis::Face> faces = TRY(detector.detect(frame, index, pass));
    seen_faces.add(index, faces);
    return faces;
  };
  clips::ClipPipeline pipeline(std::move(reader), options, detect, {});

  Sampler sampler(info, order.task.interval);
  FaceInspector inspector(order.task.look, models, info);
  Inspection inspection(inspector, std::min(kMostWaiting, frames_within(kWaitingPixels, info)),
                        [&](FrameSample sample) { return pipe.send(std::move(sample)); });
  const auto look_at = [&](std::vector<Shot> shots) -> Result<void> {
    for (Shot& shot : shots) TRY(inspection.add(std::move(shot)));
    return {};
  };
  auto last_told = std::chrono::steady_clock::now();
  std::int64_t first_pts = 0;
  std::int64_t last_pts = 0;
  while (const auto frame = TRY(pipeline.next())) {
    if (sampler.frames() == 0) {
      TRY(pipe.send(describe(info, frame->frame)));
      first_pts = frame->tracks.pts;
    }
    last_pts = frame->tracks.pts;
    // What the container says of its length, if it does, may be wrong.
    TRY(check_length(static_cast<double>(last_pts - first_pts) * tick, order.longest));
    TRY(look_at(sampler.add(*frame, seen_faces.take(frame->index))));
    if (const auto now = std::chrono::steady_clock::now(); now - last_told >= kAdvanceEvery) {
      TRY(pipe.send(Advance{sampler.frames()}));
      last_told = now;
    }
  }
  if (sampler.frames() == 0) return fail(ErrorKind::corrupt, "the clip: no picture could be decoded");
  TRY(look_at(sampler.finish()));
  TRY(inspection.finish());
  for (TrackVector& seen : inspector.people()) TRY(pipe.send(std::move(seen)));
  Finished finished{sampler.frames(), 0, pipeline.damage()};
  const double one = info.frame_rate.num > 0 ? 1 / info.frame_rate.value() : 0;
  finished.duration_ms =
      milliseconds(info.duration > 0 ? static_cast<double>(info.duration) * tick
                                     : static_cast<double>(last_pts - first_pts) * tick + one);
  return pipe.send(finished);
}

}  // namespace

Result<void> make_ready(analysis::FaceDetector& detector, const ClipShape& shape) {
  return tracking::make_ready(detector, tracker_options(), shape.displayed, shape.pixel_aspect);
}

Result<void> run_worker(const WorkerOrder& order, const WorkerModels& models) {
  RecordPipe pipe(order.records);
  const std::string key = fmt::format("sightline {} {}", SIGHTLINE_VERSION, models.detector.identity());
  TRY(pipe.send(Hello{key}));
  if (auto done = process_clip(order, models, pipe, key); !done) {
    return pipe.send(GivenUp{std::move(done).error()});
  }
  return {};
}

Result<void> decline_work(int records, const Error& why) {
  return RecordPipe(records).send(GivenUp{why});
}

}  // namespace sightline::jobs
