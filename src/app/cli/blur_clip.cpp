#include "app/cli/blur_clip.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "app/cli/commands.h"
#include "base/sha256.h"
#include "base/words.h"
#include "sight/anonymize/area_check.h"
#include "sight/anonymize/batch.h"
#include "sight/anonymize/kept_tracks.h"
#include "sight/clips/clip_videos.h"
#include "sight/tracking/frame_detection.h"
#include "sight/tracking/review_page.h"
#include "sight/tracking/tracks_file.h"

namespace sightline::cli {
namespace fs = std::filesystem;
namespace {

Result<anonymize::ReportFile> report_file(const fs::path& path, std::string sha256) {
  std::error_code failed;
  const std::uintmax_t bytes = fs::file_size(path, failed);
  if (failed) return std::unexpected(system_error("read", path, failed.value()));
  if (sha256.empty()) sha256 = TRY(sha256_file(path));
  return anonymize::ReportFile{path.string(), bytes, std::move(sha256)};
}

std::string stage_times(const anonymize::StageTimes& times) {
  return fmt::format(
      "seconds: decode {:.2f}, detect {:.2f}, track {:.2f}, paint {:.2f}, encode {:.2f}, write {:.2f}",
      times.decode, times.detect, times.track, times.paint, times.encode, times.write);
}

/// The files beside the clip that show what was found: --tracks and --review.
class SideFiles {
 public:
  static Result<SideFiles> open(const ClipTask& task, const BlurFlags& flags,
                                const analysis::FaceDetector* detector) {
    SideFiles files(task.name, flags, detector != nullptr ? detector->identity() : "");
    if (!flags.tracks.empty()) TRY(anonymize::check_output(task.input, flags.tracks, flags.force));
    if (!flags.review.empty()) TRY(anonymize::check_output(task.input, flags.review, flags.force));
    return files;
  }
  /// Before the first frame of each video track.
  Result<void> begin_video(const media::VideoInfo& info) {
    if (!flags_.tracks.empty()) {
      tracking::TracksHeader header = tracking::TracksHeader::of(info, clip_, detector_);
      header.settings = {{"scope", flags_.scope}};
      if (tracks_) {
        TRY(tracks_->next_video(header));
      } else {
        tracks_.emplace(TRY(tracking::TracksWriter::create(flags_.tracks, header)));
      }
    }
    if (review_) {
      review_->next_video(info);
    } else if (!flags_.review.empty()) {
      review_.emplace(info, clip_.filename().string());
    }
    return {};
  }
  Result<void> add(const tracking::CoveredFrame& covered) {
    if (tracks_) TRY(tracks_->add(covered.tracks));
    if (review_) TRY(review_->add(covered.frame, covered.tracks));
    return {};
  }
  Result<void> write() {
    if (tracks_) TRY(tracks_->commit(flags_.force));
    if (review_) TRY(review_->write(flags_.review, flags_.force));
    return {};
  }

 private:
  SideFiles(const std::string& clip, const BlurFlags& flags, std::string detector)
      : clip_(clip), flags_(flags), detector_(std::move(detector)) {}
  fs::path clip_;  ///< its name, for people
  const BlurFlags& flags_;
  std::string detector_;
  std::optional<tracking::TracksWriter> tracks_;
  std::optional<tracking::ReviewCollector> review_;
};

/// The boxes of --use-tracks, bound to the options.
Result<std::shared_ptr<tracking::TracksLookup>> use_tracks(const std::string& path,
                                                           std::span<const media::VideoInfo> videos,
                                                           anonymize::ClipOptions& options) {
  if (path.empty()) return std::shared_ptr<tracking::TracksLookup>();
  auto lookup = std::make_shared<tracking::TracksLookup>(TRY(tracking::read_tracks(path)));
  TRY(lookup->bind(videos, path));
  options.known_boxes = [lookup](int video, std::int64_t pts) { return lookup->at(video, pts).boxes; };
  options.known_boxes_id = TRY(sha256_file(path));
  return lookup;
}

void say(ProgressMeter& meter, const BlurFlags& flags, const std::string& line) {
  if (flags.quiet) return;
  meter.clear();
  print_line(line);
}

}  // namespace

Result<void> report_missing(const std::string& name, bool only_input, const std::vector<std::string>& missing,
                            std::vector<std::string>& warnings) {
  if (only_input && !missing.empty()) {
    return fail(ErrorKind::invalid_argument, fmt::format("'{}': {}", name, fmt::join(missing, "; ")));
  }
  for (const std::string& line : missing) warnings.push_back(fmt::format("'{}': {}", name, line));
  return {};
}

Error nobody_stays(const std::string& name) {
  return {ErrorKind::invalid_argument,
          fmt::format(
              "'{}': nobody in it is surely on the photos of --keep; leave that out, or name larger photos "
              "that show the face from the front",
              name)};
}

namespace {

/// Follows the clip once to find who is to stay, and has `options` paint the others.
Result<anonymize::BoxesToPaint> choose_boxes(const ClipTask& task, const anonymize::KeptPeople& kept,
                                             analysis::FaceDetector& detector,
                                             anonymize::ClipOptions& options,
                                             const std::function<void(const anonymize::Progress&)>& progress,
                                             std::stop_token stop) {
  anonymize::BoxesToPaint chosen =
      TRY(anonymize::boxes_to_paint(task.input, kept, detector, options, progress, std::move(stop)));
  if (chosen.kept_tracks == 0 && task.only_input) {
    return std::unexpected(nobody_stays(task.name));
  }
  options.known_boxes = chosen.boxes;
  options.known_boxes_id = chosen.id;
  return chosen;
}

/// The height from which on faces are found as a rule in every one of the video tracks.
int smallest_face(std::span<const media::VideoInfo> videos, analysis::Scope scope,
                  const anonymize::ClipOptions& options) {
  int largest = 0;
  for (const media::VideoInfo& video : videos) {
    largest = std::max(
        largest, tracking::smallest_face(scope, video.displayed_size(),
                                         tracking::displayed_pixel_aspect(video), options.detection_side));
  }
  return largest;
}

/// What the user is to know besides the job's own notes.
void add_notes(const std::optional<anonymize::BoxesToPaint>& chosen, const tracking::TracksLookup* known,
               const std::string& tracks_file, std::vector<std::string>& notes) {
  if (chosen) notes.push_back(counted(chosen->kept_tracks, "face track") + " of people who stay");
  if (known == nullptr) return;
  const std::vector<std::int64_t> missed = known->never_shown();
  if (missed.empty()) return;
  notes.push_back(fmt::format("'{}' has boxes at {} at which no frame is shown, the first at pts {}",
                              tracks_file, counted(missed.size(), "time"), missed.front()));
}

}  // namespace

Result<BlurOutcome> blur_clip(const ClipTask& task, const BlurFlags& flags, anonymize::ClipOptions options,
                              analysis::FaceDetector* detector, const anonymize::KeptPeople* kept,
                              ProgressMeter& meter, std::stop_token stop) {
  const std::vector<media::VideoInfo> videos = TRY(clips::clip_videos(task.input, options.video_track));
  const media::VideoInfo& info = videos.front();
  const bool writes_clip = !flags.tracks_only && options.style.kind != anonymize::StyleKind::none;
  if (writes_clip) TRY(media::output_container(info, task.output));
  BlurOutcome outcome;
  const auto areas = TRY(anonymize::areas_not_in_clip(task.input, videos, options));
  TRY(report_missing(task.name, task.only_input, areas.missing, outcome.warnings));
  const auto known = TRY(use_tracks(flags.use_tracks, videos, options));
  anonymize::ClipObserver observer;
  observer.progress = [&](const anonymize::Progress& progress) {
    if (progress.stage == anonymize::Stage::writing) return meter.stage("writing the file");
    meter.update(progress.done, progress.total);
  };
  std::optional<anonymize::BoxesToPaint> chosen;
  if (kept != nullptr) {
    say(meter, flags, fmt::format("{}: looks first for who is to stay", task.name));
    chosen = TRY(choose_boxes(task, *kept, *detector, options, observer.progress, stop));
  }
  SideFiles files = TRY(SideFiles::open(task, flags, detector));
  anonymize::ClipSummary summary;
  observer.resumed = [&](int chunks) {
    say(meter, flags,
        fmt::format("{}: resumes an earlier run; {} kept", task.name,
                    counted(std::int64_t{chunks}, "finished part")));
  };
  std::optional<anonymize::SpanWatch> watch;
  if (!areas.times_known) watch.emplace(options);
  const auto report_unseen = [&]() -> Result<void> {
    if (!watch) return {};
    return report_missing(task.name, task.only_input, watch->missing(), outcome.warnings);
  };
  double tick = 0;                  // seconds
  std::set<std::int64_t> excluded;  // tracks that an exclusion touches
  observer.video = [&](const media::VideoInfo& video) -> Result<void> {
    tick = video.time_base.value();
    summary.begin_video(video);
    return files.begin_video(video);
  };
  observer.frame = [&](const tracking::CoveredFrame& covered) -> Result<void> {
    if (watch) watch->add(static_cast<double>(covered.tracks.pts) * tick);
    summary.add(covered.tracks);
    const double seconds = static_cast<double>(covered.tracks.pts) * tick;
    for (const tracking::TrackedBox& box : covered.tracks.boxes) {
      if (anonymize::is_excluded(box.box, options.exclusions, seconds)) excluded.insert(box.track);
    }
    return files.add(covered);
  };
  observer.finished = [&](const fs::path& made, const anonymize::ClipResult& so_far) -> Result<void> {
    TRY(report_unseen());
    if (task.finished) task.finished(made, so_far.input_sha256, so_far.damage);
    return {};
  };
  const anonymize::ClipResult result =
      writes_clip ? TRY(anonymize::anonymize_clip(task.input, task.output, detector, options, observer, stop))
                  : TRY(anonymize::track_clip(task.input, detector, options, observer, stop));
  meter.clear();
  if (!writes_clip) TRY(report_unseen());
  TRY(files.write());

  outcome.damage = result.damage;
  anonymize::ReportEntry& entry = outcome.entry;
  entry.kind = media::FileKind::clip;
  entry.input = TRY(report_file(task.input, result.input_sha256));
  if (writes_clip)
    entry.output = TRY(report_file(task.output, flags.report.empty() && !flags.json ? "-" : ""));
  entry.notes = result.notes;
  entry.size = info.displayed_size();
  entry.detector_runs = chosen ? chosen->detections : result.detections;
  add_notes(chosen, known.get(), flags.use_tracks, entry.notes);
  summary.finish(entry);
  anonymize::note_excluded(entry, excluded.size(), writes_clip);
  if (detector != nullptr && !known) {
    const auto smallest = [&](analysis::Scope scope) { return smallest_face(videos, scope, options); };
    anonymize::judge_coverage(entry, options.tracker.scope, smallest(options.tracker.scope),
                              smallest(analysis::Scope::thorough), writes_clip);
  }
  if (flags.times) say(meter, {}, stage_times(result.times));
  return outcome;
}

}  // namespace sightline::cli
