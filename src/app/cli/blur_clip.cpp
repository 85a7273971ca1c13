#include "app/cli/blur_clip.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/sha256.h"
#include "sight/anonymize/batch.h"
#include "sight/anonymize/clip_videos.h"
#include "sight/anonymize/kept_tracks.h"
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
  static Result<SideFiles> open(const fs::path& input, const BlurFlags& flags,
                                const analysis::FaceDetector* detector) {
    SideFiles files(input, flags, detector != nullptr ? detector->identity() : "");
    if (!flags.tracks.empty()) TRY(anonymize::check_output(input, flags.tracks, flags.force));
    if (!flags.review.empty()) TRY(anonymize::check_output(input, flags.review, flags.force));
    return files;
  }
  /// Before the first frame of each video track.
  Result<void> begin_video(const media::VideoInfo& info) {
    if (!flags_.tracks.empty()) {
      tracking::TracksHeader header = tracking::TracksHeader::of(info, input_, detector_);
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
      review_.emplace(info, input_.filename().string());
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
  SideFiles(const fs::path& input, const BlurFlags& flags, std::string detector)
      : input_(input), flags_(flags), detector_(std::move(detector)) {}
  const fs::path& input_;
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
  fmt::print(stderr, "{}\n", line);
}

}  // namespace

Result<BlurOutcome> blur_clip(const fs::path& input, const fs::path& output, const BlurFlags& flags,
                              anonymize::ClipOptions options, analysis::FaceDetector* detector,
                              const anonymize::KeptPeople* kept, ProgressMeter& meter, std::stop_token stop) {
  const std::vector<media::VideoInfo> videos = TRY(anonymize::clip_videos(input, options.video_track));
  const media::VideoInfo& info = videos.front();
  const bool writes_clip = !flags.tracks_only && options.style.kind != anonymize::StyleKind::none;
  const auto known = TRY(use_tracks(flags.use_tracks, videos, options));
  std::optional<anonymize::BoxesToPaint> chosen;
  if (kept != nullptr) {
    say(meter, flags, fmt::format("{}: looks first for who is to stay", input.string()));
    const auto progress = [&](const anonymize::Progress& at) { meter.update(at.done, at.total); };
    chosen = TRY(anonymize::boxes_to_paint(input, *kept, *detector, options, progress, stop));
    options.known_boxes = chosen->boxes;
    options.known_boxes_id = chosen->id;
  }
  SideFiles files = TRY(SideFiles::open(input, flags, detector));
  anonymize::ClipSummary summary;
  anonymize::ClipObserver observer;
  observer.progress = [&](const anonymize::Progress& progress) {
    if (progress.stage == anonymize::Stage::writing) return meter.stage("writing the file");
    meter.update(progress.done, progress.total);
  };
  observer.resumed = [&](int chunks) {
    say(meter, flags,
        fmt::format("{}: resumes an earlier run; {} finished part{} kept", input.string(), chunks,
                    chunks == 1 ? "" : "s"));
  };
  observer.video = [&](const media::VideoInfo& video) -> Result<void> {
    summary.begin_video(video);
    return files.begin_video(video);
  };
  observer.frame = [&](const tracking::CoveredFrame& covered) -> Result<void> {
    summary.add(covered.tracks);
    return files.add(covered);
  };
  const anonymize::ClipResult result =
      writes_clip ? TRY(anonymize::anonymize_clip(input, output, detector, options, observer, stop))
                  : TRY(anonymize::track_clip(input, detector, options, observer, stop));
  meter.clear();
  TRY(files.write());

  BlurOutcome outcome;
  outcome.damage = result.damage;
  anonymize::ReportEntry& entry = outcome.entry;
  entry.kind = anonymize::ReportEntry::Kind::clip;
  entry.input = TRY(report_file(input, result.input_sha256));
  if (writes_clip) entry.output = TRY(report_file(output, flags.report.empty() && !flags.json ? "-" : ""));
  entry.notes = result.notes;
  entry.size = info.displayed_size();
  entry.detector_runs = chosen ? chosen->detections : result.detections;
  if (chosen) {
    entry.notes.push_back(fmt::format("{} face track{} of people who stay", chosen->kept_tracks,
                                      chosen->kept_tracks == 1 ? "" : "s"));
  }
  summary.finish(entry);
  if (detector != nullptr && !known) {
    const auto smallest = [&](analysis::Scope scope) {
      int largest = 0;
      for (const media::VideoInfo& video : videos) {
        largest = std::max(largest, tracking::smallest_face(scope, video.displayed_size(),
                                                            tracking::displayed_pixel_aspect(video),
                                                            options.detection_side));
      }
      return largest;
    };
    anonymize::judge_coverage(entry, options.tracker.scope, smallest(options.tracker.scope),
                              smallest(analysis::Scope::thorough));
  }
  if (const auto missed = known ? known->never_shown() : std::vector<std::int64_t>(); !missed.empty()) {
    entry.notes.push_back(
        fmt::format("'{}' has boxes at {} times at which no frame is shown, the first at pts {}",
                    flags.use_tracks, missed.size(), missed.front()));
  }
  if (flags.times) say(meter, {}, stage_times(result.times));
  return outcome;
}

}  // namespace sightline::cli
