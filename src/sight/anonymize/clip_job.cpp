#include "sight/anonymize/clip_job.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "base/sha256.h"
#include "sight/anonymize/area_check.h"
#include "sight/anonymize/batch.h"
#include "sight/anonymize/clip_encoding.h"
#include "sight/clips/clip_journal.h"
#include "sight/clips/clip_pipeline.h"
#include "sight/clips/clip_videos.h"
#include "sight/clips/logged_detector.h"
#include "sight/clips/stage_timer.h"
#include "sight/tracking/frame_detection.h"

namespace sightline::anonymize {
namespace fs = std::filesystem;
namespace {

/// How one video track's faces are found.
class Detection {
 public:
  /// `detector` and `journal` may be null. `quarter_turns` as tracking::turns_of_clip() says.
  Detection(analysis::FaceDetector* detector, const media::VideoInfo& info, const ClipOptions& options,
            clips::ClipJournal* journal, int quarter_turns)
      : detector_(bind(detector, info, options, quarter_turns), journal) {
    if (detector == nullptr) return;
    // The tracker's first look waits only for its own session; the others are made meanwhile. One that
    // cannot be made is reported when it is asked for.
    preparing_ = std::jthread([detector, tracker = options.tracker, size = info.displayed_size(),
                               aspect = tracking::displayed_pixel_aspect(info)] {
      (void)tracking::make_ready(*detector, tracker, size, aspect);
    });
  }

  [[nodiscard]] tracking::DetectFunction function() {
    return [this](const media::VideoFrame& frame, std::int64_t index, tracking::Pass pass) {
      return detector_.detect(frame, index, pass);
    };
  }
  [[nodiscard]] std::int64_t runs() const { return detector_.runs(); }
  [[nodiscard]] double seconds() const { return detector_.seconds(); }

 private:
  static tracking::DetectFunction bind(analysis::FaceDetector* detector, const media::VideoInfo& info,
                                       const ClipOptions& options, int quarter_turns) {
    if (detector == nullptr) return {};
    return tracking::bind_detector(*detector, info, options.tracker.scope, options.tracker.keep_score,
                                   options.detection_side, quarter_turns);
  }

  clips::LoggedDetector detector_;
  std::jthread preparing_;
};

using Consume = std::function<Result<void>(tracking::CoveredFrame)>;

/// What the clip's video tracks have in common: their results are summed, their faces numbered in one row.
class ClipRun {
 public:
  ClipRun(const ClipOptions& options, const ClipObserver& observer,
          const std::vector<clips::ClipVideo>& videos, ClipResult& result)
      : options_(options), observer_(observer), result_(result) {
    const auto is_unknown = [](const clips::ClipVideo& video) { return video.info.frame_count == 0; };
    if (std::ranges::any_of(videos, is_unknown)) return;
    for (const clips::ClipVideo& video : videos) expected_ += video.info.frame_count;
  }

  /// Runs one track's pipeline to its end, handing each frame to the observer, then to `consume`. How many
  /// frames there were.
  Result<std::int64_t> run(clips::ClipPipeline& pipeline, const Consume& consume) {
    if (observer_.video) TRY(observer_.video(pipeline.info()));
    const std::int64_t before = last_id_;
    const std::int64_t frames_before = result_.frames;
    while (std::optional<tracking::CoveredFrame> frame = TRY(pipeline.next())) {
      for (tracking::TrackedBox& box : frame->tracks.boxes) {
        if (!options_.known_boxes) box.track += before;
        last_id_ = std::max(last_id_, box.track);
      }
      if (observer_.frame) TRY(observer_.frame(*frame));
      if (consume) TRY(consume(std::move(*frame)));
      ++result_.frames;
      if (observer_.progress) observer_.progress({Stage::blurring, result_.frames, expected_});
    }
    return result_.frames - frames_before;
  }

  void add_figures(const clips::ClipPipeline& pipeline, const Detection& detection) {
    if (!pipeline.damage().empty()) {
      result_.damage +=
          (result_.damage.empty() ? "" : "; ") + clips::video_prefix(pipeline.info()) + pipeline.damage();
    }
    if (const auto times = pipeline.decoded_times()) {
      first_ = std::min(first_.value_or(times->first), times->first);
      last_ = std::max(last_, times->second);
    }
    result_.detections += detection.runs();
    result_.times.decode += pipeline.decode_seconds();
    result_.times.detect += detection.seconds();
    result_.times.track += std::max(0.0, pipeline.track_seconds() - detection.seconds());
  }
  /// When the frames that were decoded are shown.
  [[nodiscard]] std::string decoded_text() const {
    // Decoding ends with the span.
    if (first_ && options_.span.to && *first_ >= *options_.span.to)
      return fmt::format("its first frame is shown at {:.3f} s", *first_);
    return frames_shown(first_, last_);
  }

 private:
  const ClipOptions& options_;
  const ClipObserver& observer_;
  ClipResult& result_;
  std::int64_t expected_ = 0;  ///< frames of all tracks; 0 where one track's number is unknown
  std::int64_t last_id_ = 0;
  std::optional<double> first_;  ///< seconds
  double last_ = 0;
};

Error no_frames(const fs::path& input, const clips::TimeSpan& span, const ClipRun& run) {
  if (span.from || span.to) {
    return {ErrorKind::invalid_argument,
            fmt::format("'{}' has no frame between --from and --to: {}", input.string(), run.decoded_text())};
  }
  return {ErrorKind::corrupt, fmt::format("'{}': no picture could be decoded", input.string())};
}

void append_regions(std::string& key, std::string_view name, const std::vector<Region>& regions) {
  for (const Region& r : regions) {
    key += fmt::format("{}={},{},{},{}@{}-{}\n", name, r.box.x, r.box.y, r.box.width, r.box.height,
                       r.span.from.value_or(-1), r.span.to.value_or(-1));
  }
}

/// One video track on its way into the output.
struct EncodedWork {
  clips::ClipVideo* video = nullptr;
  media::EncoderChoice encoder;
  std::unique_ptr<clips::ClipJournal> journal;
};

/// What is painted where, and which part of the clip is written.
std::string painting_text(const ClipOptions& options) {
  const Style& style = options.style;
  std::string text =
      fmt::format("side {}\nboxes {}\nstyle {} {} {} {} {} {},{},{} {}\n", options.detection_side,
                  options.known_boxes_id, style_name(style.kind), static_cast<int>(style.shape), style.margin,
                  style.strength, style.blocks, style.fill_rgb[0], style.fill_rgb[1], style.fill_rgb[2],
                  style.image ? sha256_hex(style.image->pixels) : "-");
  const tracking::TrackerOptions& tracker = options.tracker;
  text += fmt::format("tracker {} {} {} {} {}\n", analysis::scope_name(tracker.scope), tracker.start_score,
                      tracker.keep_score, tracker.max_stride, tracker.look_back);
  append_regions(text, "region", options.regions);
  append_regions(text, "exclude", options.exclusions);
  text += fmt::format("span {} {}\n", options.span.from.value_or(-1), options.span.to.value_or(-1));
  return text;
}

/// Everything that the encoded chunks depend on; what only the last pass uses (sound, metadata) is left out.
std::string journal_key(const ClipOptions& options, const EncodedWork& work, const std::string& sha256,
                        const std::string& detector) {
  return fmt::format(
      "sightline {}\nrevision {}\ninput {} video {}\ndetector {}\n{}encoder {} {} {} threads {} of {} chunk "
      "{}\n",
      SIGHTLINE_VERSION, kChunkRevision, sha256, work.video->info.track, detector, painting_text(options),
      work.encoder.encoder, work.encoder.crf, work.encoder.preset, options.encoder.threads,
      std::thread::hardware_concurrency(), options.frames_per_chunk);
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

Result<media::VideoReader> reader_of(const fs::path& input, clips::ClipVideo& video) {
  if (!video.reader) return media::VideoReader::open(input, 0, video.info.track);
  media::VideoReader reader = std::move(*video.reader);
  video.reader.reset();
  return reader;
}

Result<std::vector<EncodedWork>> choose_encoders(std::vector<clips::ClipVideo>& videos,
                                                 const media::OutputContainer& container,
                                                 const ClipOptions& options,
                                                 std::vector<std::string>& notes) {
  std::vector<EncodedWork> work;
  for (clips::ClipVideo& video : videos) {
    EncodedWork& one = work.emplace_back();
    one.video = &video;
    one.encoder = TRY(media::choose_encoder(video.info, options.encoder, container.muxer));
    const std::string prefix = clips::video_prefix(video.info);
    if (video.info.tone_metadata) {
      notes.push_back(prefix + "the clip's HDR tone metadata is dropped; its colours keep their tags");
    }
    if (one.encoder.substituted) {
      notes.push_back(fmt::format("{}the video is re-encoded as {} instead of {}", prefix, one.encoder.codec,
                                  video.info.codec));
    }
  }
  return work;
}

/// The first track's journal lies in `folder`, the others' in folders within it.
Result<void> open_journals(std::vector<EncodedWork>& work, const fs::path& folder, const ClipOptions& options,
                           ClipResult& result, const std::string& detector) {
  for (EncodedWork& one : work) {
    const bool first = &one == &work.front();
    one.journal =
        TRY(clips::ClipJournal::open(first ? folder : folder / fmt::format("video-{}", one.video->info.track),
                                     journal_key(options, one, result.input_sha256, detector)));
    result.resumed_chunks += one.journal->whole_chunks();
  }
  return {};
}

/// How many quarter turns bring the track's people upright, which is noted; 0 where no faces are looked for.
Result<int> turns_of(const fs::path& input, const media::VideoInfo& info, analysis::FaceDetector* detector,
                     const ClipOptions& options, std::vector<std::string>& notes) {
  if (detector == nullptr || options.known_boxes) return 0;
  media::VideoReader reader = TRY(media::VideoReader::open(input, 0, info.track));
  const int turns = TRY(tracking::turns_of_clip(*detector, reader, options.tracker.scope));
  if (turns != 0) {
    notes.push_back(fmt::format(
        "{}people are upright when the picture is turned clockwise by {} degrees: faces are looked for that "
        "way up as well",
        clips::video_prefix(info), turns * 90));
  }
  return turns;
}

/// Finds, paints and encodes one track into its journal; how many frames it has.
Result<std::int64_t> encode_video(const fs::path& input, EncodedWork& work, analysis::FaceDetector* detector,
                                  const ClipOptions& options, ClipRun& run, ClipResult& result,
                                  const std::stop_token& stop) {
  const media::VideoInfo& info = work.video->info;
  const int turns = TRY(turns_of(input, info, detector, options, result.notes));
  Detection detection(detector, info, options, work.journal.get(), turns);
  ChunkedEncoding encoding(info, work.encoder, options, *work.journal);
  clips::ClipPipeline pipeline(TRY(reader_of(input, *work.video)), options, detection.function(), stop);
  const std::int64_t frames =
      TRY(run.run(pipeline, [&](tracking::CoveredFrame frame) { return encoding.add(std::move(frame)); }));
  TRY(encoding.finish());
  run.add_figures(pipeline, detection);
  result.times.paint += encoding.paint_seconds();
  result.times.encode += encoding.encode_seconds();
  return frames;
}

}  // namespace

std::string settings_text(const ClipOptions& options) {
  return fmt::format("{}video {}\nencoder {} {} {}\nmetadata {} audio {}\n", painting_text(options),
                     options.video_track, options.encoder.codec, options.encoder.crf, options.encoder.preset,
                     static_cast<int>(options.metadata), options.audio);
}

fs::path journal_folder(const fs::path& output) {
  return output.parent_path() / fmt::format(".{}.sightline", output.filename().string());
}

Result<ClipResult> track_clip(const fs::path& input, analysis::FaceDetector* detector,
                              const ClipOptions& options, const ClipObserver& observer,
                              std::stop_token stop) {
  ClipResult result;
  std::vector<clips::ClipVideo> videos = TRY(clips::open_videos(input, options.video_track, result.notes));
  result.input_sha256 = TRY(sha256_file(input));
  ClipRun run(options, observer, videos, result);
  for (clips::ClipVideo& video : videos) {
    const int turns = TRY(turns_of(input, video.info, detector, options, result.notes));
    Detection detection(detector, video.info, options, nullptr, turns);
    clips::ClipPipeline pipeline(TRY(reader_of(input, video)), options, detection.function(), stop);
    TRY(run.run(pipeline, nullptr));
    run.add_figures(pipeline, detection);
    result.videos.push_back(video.info);
  }
  if (result.frames == 0) return std::unexpected(no_frames(input, options.span, run));
  return result;
}

Result<ClipResult> anonymize_clip(const fs::path& input, const fs::path& output,
                                  analysis::FaceDetector* detector, const ClipOptions& options,
                                  const ClipObserver& observer, std::stop_token stop) {
  TRY(check_output(input, output, options.replace_output));
  ClipResult result;
  std::vector<clips::ClipVideo> videos = TRY(clips::open_videos(input, options.video_track, result.notes));
  const media::OutputContainer container = TRY(media::output_container(videos.front().info, output));
  if (!container.note.empty()) result.notes.push_back(container.note);
  std::vector<EncodedWork> work = TRY(choose_encoders(videos, container, options, result.notes));
  result.input_sha256 = TRY(sha256_file(input));

  const fs::path folder = journal_folder(output);
  if (!options.resume) TRY(clips::ClipJournal::discard(folder));
  TRY(open_journals(work, folder, options, result, detector != nullptr ? detector->identity() : "none"));
  // In the journal's folder, so that a killed run leaves only that folder behind.
  PendingFile pending = TRY(PendingFile::create(output, 0644, folder));
  if (result.resumed_chunks > 0 && observer.resumed) observer.resumed(result.resumed_chunks);
  // The first one's folder holds all the others.
  const auto drop_journal_unless_resumable = [&](Error error) -> std::unexpected<Error> {
    if (!options.resume) (void)work.front().journal->remove();
    return std::unexpected(std::move(error));
  };

  ClipRun run(options, observer, videos, result);
  std::vector<media::EncodedVideo> encoded;
  for (EncodedWork& one : work) {
    auto done = encode_video(input, one, detector, options, run, result, stop);
    if (!done) return drop_journal_unless_resumable(std::move(done).error());
    if (*done == 0) {
      result.notes.push_back(clips::video_prefix(one.video->info) + "it has no frame there and is left out");
      continue;
    }
    result.videos.push_back(one.video->info);
    encoded.push_back(TRY(read_encoding(one.video->info, one.encoder, *one.journal)));
  }
  if (encoded.empty()) {
    (void)work.front().journal->remove();  // there is nothing to go on with
    return std::unexpected(no_frames(input, options.span, run));
  }

  const clips::StageTimer timer(result.times.write);
  if (observer.progress) observer.progress({Stage::writing, 0, 0});
  auto notes = media::write_clip(input, encoded, container, mux_settings(options, encoded.front()),
                                 pending.temporary_path(), stop);
  if (!notes) return drop_journal_unless_resumable(std::move(notes).error());
  result.notes.insert(result.notes.end(), notes->begin(), notes->end());
  if (observer.finished) {
    if (auto accepted = observer.finished(pending.temporary_path(), result); !accepted) {
      (void)work.front().journal->remove();  // the same run would end here again
      return std::unexpected(std::move(accepted).error());
    }
  }
  TRY(pending.commit(options.replace_output));
  TRY(work.front().journal->remove());
  return result;
}

}  // namespace sightline::anonymize
