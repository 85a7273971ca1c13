#include "sight/anonymize/clip_job.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "base/sha256.h"
#include "sight/anonymize/batch.h"
#include "sight/anonymize/clip_encoding.h"
#include "sight/anonymize/clip_journal.h"
#include "sight/anonymize/clip_pipeline.h"
#include "sight/tracking/frame_detection.h"

namespace sightline::anonymize {
namespace fs = std::filesystem;
namespace {

/// Asks the detector, or the journal of an earlier run of the same work. Used by the tracking thread alone.
class Detection {
 public:
  /// `detector` and `journal` may be null.
  Detection(analysis::FaceDetector* detector, const media::VideoInfo& info, const ClipOptions& options,
            ClipJournal* journal)
      : journal_(journal) {
    if (detector == nullptr) return;
    detect_ = tracking::bind_detector(*detector, info, options.tracker.scope, options.tracker.keep_score,
                                      options.detection_side);
    // The tracker's first look waits for its own session alone; the others are made meanwhile. One that
    // cannot be made is told when it is asked for.
    preparing_ = std::jthread([detector, tracker = options.tracker, size = info.displayed_size(),
                               aspect = tracking::displayed_pixel_aspect(info)] {
      (void)tracking::make_ready(*detector, tracker, size, aspect);
    });
  }

  Result<std::vector<analysis::Face>> run(const media::VideoFrame& frame, std::int64_t index,
                                          tracking::Pass pass) {
    ++runs_;
    if (journal_ != nullptr) {
      if (auto known = journal_->replay(index, pass)) return std::move(*known);
    }
    const StageTimer timer(seconds_);
    std::vector<analysis::Face> faces = TRY(detect_(frame, index, pass));
    if (journal_ != nullptr) TRY(journal_->record(index, pass, faces));
    return faces;
  }
  [[nodiscard]] tracking::DetectFunction function() {
    return [this](const media::VideoFrame& frame, std::int64_t index, tracking::Pass pass) {
      return run(frame, index, pass);
    };
  }
  [[nodiscard]] std::int64_t runs() const { return runs_; }
  [[nodiscard]] double seconds() const { return seconds_; }

 private:
  tracking::DetectFunction detect_;
  ClipJournal* journal_;
  std::int64_t runs_ = 0;
  double seconds_ = 0;
  std::jthread preparing_;
};

using Consume = std::function<Result<void>(tracking::CoveredFrame)>;

/// Runs the pipeline to its end, handing each frame to the observer, then to `consume`.
Result<void> run_pipeline(ClipPipeline& pipeline, const ClipObserver& observer, ClipResult& result,
                          const Consume& consume) {
  while (std::optional<tracking::CoveredFrame> frame = TRY(pipeline.next())) {
    if (observer.frame) TRY(observer.frame(*frame));
    if (consume) TRY(consume(std::move(*frame)));
    ++result.frames;
    if (observer.progress) observer.progress({Stage::blurring, result.frames, result.info.frame_count});
  }
  return {};
}

void finish_result(const ClipPipeline& pipeline, const Detection& detection, ClipResult& result) {
  result.damage = pipeline.damage();
  result.detections = detection.runs();
  result.times.decode = pipeline.decode_seconds();
  result.times.detect = detection.seconds();
  result.times.track = std::max(0.0, pipeline.track_seconds() - detection.seconds());
}

Error no_frames(const fs::path& input, const TimeSpan& span) {
  if (span.from || span.to) {
    return {ErrorKind::invalid_argument,
            fmt::format("'{}' has no frame between --from and --to; check the times", input.string())};
  }
  return {ErrorKind::corrupt, fmt::format("'{}': no picture could be decoded", input.string())};
}

void append_regions(std::string& key, std::string_view name, const std::vector<Region>& regions) {
  for (const Region& r : regions) {
    key += fmt::format("{}={},{},{},{}@{}-{}\n", name, r.box.x, r.box.y, r.box.width, r.box.height,
                       r.span.from.value_or(-1), r.span.to.value_or(-1));
  }
}

/// Everything that the encoded chunks depend on; what only the last pass uses (sound, metadata) is left out.
std::string journal_key(const ClipOptions& options, const ClipResult& result, const std::string& detector) {
  const Style& style = options.style;
  std::string key =
      fmt::format("sightline {}\ninput {}\ndetector {} side {}\nboxes {}\n", SIGHTLINE_VERSION,
                  result.input_sha256, detector, options.detection_side, options.known_boxes_id);
  key +=
      fmt::format("style {} {} {} {} {} {},{},{} {}\n", style_name(style.kind), static_cast<int>(style.shape),
                  style.margin, style.strength, style.blocks, style.fill_rgb[0], style.fill_rgb[1],
                  style.fill_rgb[2], style.image ? sha256_hex(style.image->pixels) : "-");
  const tracking::TrackerOptions& tracker = options.tracker;
  key += fmt::format("tracker {} {} {} {} {}\n", analysis::scope_name(tracker.scope), tracker.start_score,
                     tracker.keep_score, tracker.max_stride, tracker.look_back);
  append_regions(key, "region", options.regions);
  append_regions(key, "exclude", options.exclusions);
  key += fmt::format("span {} {}\nencoder {} {} {} threads {} of {} chunk {}\n",
                     options.span.from.value_or(-1), options.span.to.value_or(-1), result.encoder.encoder,
                     result.encoder.crf, result.encoder.preset, options.encoder.threads,
                     std::thread::hardware_concurrency(), options.frames_per_chunk);
  return key;
}

/// The part of write_clip's settings that the span decides: from the first frame's time to the last one's.
media::MuxSettings mux_settings(const ClipOptions& options, const media::EncodedVideo& video) {
  media::MuxSettings settings;
  settings.metadata = options.metadata;
  settings.audio = options.audio;
  if (options.span.from) settings.from = video.pts.front();
  if (options.span.to) {
    settings.to = static_cast<std::int64_t>(*options.span.to / video.info.time_base.value());
  }
  return settings;
}

}  // namespace

fs::path journal_folder(const fs::path& output) {
  return output.parent_path() / fmt::format(".{}.sightline", output.filename().string());
}

Result<ClipResult> track_clip(const fs::path& input, analysis::FaceDetector* detector,
                              const ClipOptions& options, const ClipObserver& observer,
                              std::stop_token stop) {
  ClipResult result;
  media::VideoReader reader = TRY(media::VideoReader::open(input));
  result.info = reader.info();
  result.input_sha256 = TRY(sha256_file(input));
  Detection detection(detector, result.info, options, nullptr);
  ClipPipeline pipeline(std::move(reader), options, detection.function(), stop);
  TRY(run_pipeline(pipeline, observer, result, nullptr));
  finish_result(pipeline, detection, result);
  if (result.frames == 0) return std::unexpected(no_frames(input, options.span));
  return result;
}

Result<ClipResult> anonymize_clip(const fs::path& input, const fs::path& output,
                                  analysis::FaceDetector* detector, const ClipOptions& options,
                                  const ClipObserver& observer, std::stop_token stop) {
  TRY(check_output(input, output, options.replace_output));
  ClipResult result;
  media::VideoReader reader = TRY(media::VideoReader::open(input));
  result.info = reader.info();
  const media::OutputContainer container = TRY(media::output_container(result.info, output));
  result.encoder = TRY(media::choose_encoder(result.info, options.encoder, container.muxer));
  if (result.info.tone_metadata) {
    result.notes.push_back("the clip's HDR tone metadata is dropped; its colours keep their tags");
  }
  if (!container.note.empty()) result.notes.push_back(container.note);
  if (result.encoder.substituted) {
    result.notes.push_back(
        fmt::format("the video is re-encoded as {} instead of {}", result.encoder.codec, result.info.codec));
  }
  result.input_sha256 = TRY(sha256_file(input));

  const fs::path folder = journal_folder(output);
  if (!options.resume) TRY(ClipJournal::discard(folder));
  const std::string identity = detector != nullptr ? detector->identity() : "none";
  const auto journal = TRY(ClipJournal::open(folder, journal_key(options, result, identity)));
  // In the journal's folder, so that a killed run leaves that folder alone behind.
  PendingFile pending = TRY(PendingFile::create(output, 0644, folder));
  result.resumed_chunks = journal->whole_chunks();
  if (result.resumed_chunks > 0 && observer.resumed) observer.resumed(result.resumed_chunks);
  const auto drop_journal_unless_resumable = [&](Error error) -> std::unexpected<Error> {
    if (!options.resume) (void)journal->remove();
    return std::unexpected(std::move(error));
  };

  {
    Detection detection(detector, result.info, options, journal.get());
    ChunkedEncoding encoding(result.info, result.encoder, options, *journal);
    ClipPipeline pipeline(std::move(reader), options, detection.function(), stop);
    auto done = run_pipeline(pipeline, observer, result,
                             [&](tracking::CoveredFrame frame) { return encoding.add(std::move(frame)); });
    if (done) done = encoding.finish();
    if (!done) return drop_journal_unless_resumable(std::move(done).error());
    finish_result(pipeline, detection, result);
    result.times.paint = encoding.paint_seconds();
    result.times.encode = encoding.encode_seconds();
  }
  if (result.frames == 0) return drop_journal_unless_resumable(no_frames(input, options.span));

  const StageTimer timer(result.times.write);
  if (observer.progress) observer.progress({Stage::writing, 0, 0});
  const media::EncodedVideo video = TRY(read_encoding(result.info, result.encoder, *journal));
  auto notes = media::write_clip(input, {&video, 1}, container, mux_settings(options, video),
                                 pending.temporary_path(), stop);
  if (!notes) return drop_journal_unless_resumable(std::move(notes).error());
  result.notes.insert(result.notes.end(), notes->begin(), notes->end());
  TRY(pending.commit(options.replace_output));
  TRY(journal->remove());
  return result;
}

}  // namespace sightline::anonymize
