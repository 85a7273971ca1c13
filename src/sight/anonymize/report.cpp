#include "sight/anonymize/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include "base/words.h"

namespace sightline::anonymize {

namespace {

/// Weak moments of one track closer together than this are one moment.
constexpr double kSameMoment = 1.0;
constexpr float kNearLimit = 1.5F;  // of the smallest face that is covered: faces below that are near it
/// tracking::TrackDoubt::kReason of several tracks at once.
constexpr std::string_view kReasonOfSeveral = "they never move and never look like faces at full size";
constexpr std::ptrdiff_t kFewSmall = 2;  // tracks near the limit from which smaller ones are likely

}  // namespace

void ClipSummary::begin_video(const media::VideoInfo& info) {
  time_base_ = info.time_base;
  video_ = info.tracks > 1 ? info.track : 0;
  first_.reset();
  if (video_ != 0) videos_.push_back({video_, info.displayed_size(), 0});
}

void ClipSummary::note_weak(const tracking::TrackedBox& box, std::int64_t pts, double seconds) {
  const WeakMoment moment{box.track, video_, pts, seconds, box.box, box.score, box.origin};
  const auto weaker = [](const WeakMoment& a, const WeakMoment& b) { return a.confidence < b.confidence; };
  const auto same = std::find_if(weakest_.begin(), weakest_.end(), [&](const WeakMoment& known) {
    return known.track == moment.track && std::abs(known.seconds - seconds) < kSameMoment;
  });
  if (same != weakest_.end()) {
    if (!weaker(moment, *same)) return;
    weakest_.erase(same);
  } else if (weakest_.size() == kWeakMoments) {
    if (!weaker(moment, weakest_.back())) return;
    weakest_.pop_back();
  }
  weakest_.insert(std::upper_bound(weakest_.begin(), weakest_.end(), moment, weaker), moment);
}

void ClipSummary::add(const tracking::FrameTracks& frame) {
  const double seconds = static_cast<double>(frame.pts) * time_base_.value();
  if (!first_) first_ = seconds;
  longest_ = std::max(longest_, seconds - *first_);
  ++frames_;
  if (!videos_.empty()) ++videos_.back().frames;
  if (!frame.boxes.empty()) ++frames_with_faces_;
  for (const tracking::TrackedBox& box : frame.boxes) {
    auto at = std::lower_bound(tracks_.begin(), tracks_.end(), box.track,
                               [](const Running& known, std::int64_t id) { return known.track.id < id; });
    if (at == tracks_.end() || at->track.id != box.track) {
      Running fresh;
      fresh.track.id = box.track;
      fresh.track.video = video_;
      fresh.track.from = seconds;
      fresh.track.least_height = fresh.track.most_height = box.box.height;
      at = tracks_.insert(at, fresh);
    }
    ReportTrack& track = at->track;
    track.to = seconds;
    track.least_height = std::min(track.least_height, box.box.height);
    track.most_height = std::max(track.most_height, box.box.height);
    track.best_confidence = std::max(track.best_confidence, box.score);
    at->doubt.add(box, seconds);
    at->confidence_sum += static_cast<double>(box.score);
    switch (box.origin) {
      case tracking::Origin::detected:
        ++track.detected;
        break;
      case tracking::Origin::tracked:
        ++track.tracked;
        break;
      case tracking::Origin::interpolated:
        ++track.interpolated;
        break;
    }
    note_weak(box, frame.pts, seconds);
  }
}

void ClipSummary::finish(ReportEntry& entry) const {
  entry.kind = media::FileKind::clip;
  entry.frames = frames_;
  entry.frames_with_faces = frames_with_faces_;
  entry.seconds = longest_;
  entry.videos = videos_;
  entry.tracks.clear();
  for (const Running& running : tracks_) {
    ReportTrack track = running.track;
    track.mean_confidence = static_cast<float>(running.confidence_sum / static_cast<double>(track.frames()));
    track.is_doubted = running.doubt.is_doubted();
    entry.tracks.push_back(track);
  }
  entry.weakest = weakest_;
}

void judge_coverage(ReportEntry& entry, analysis::Scope scope, int smallest, int smallest_thorough,
                    bool is_painted) {
  entry.smallest_face = smallest;
  const auto count = [&](auto&& is_counted) {
    return std::count_if(entry.tracks.begin(), entry.tracks.end(), is_counted);
  };
  const auto doubted = count([](const ReportTrack& track) { return track.is_doubted; });
  if (doubted > 0) {
    const bool one = doubted == 1;
    std::string note =
        fmt::format("{} {} ({});", counted(doubted, "face track"), one ? "may be a thing" : "may be things",
                    one ? tracking::TrackDoubt::kReason : kReasonOfSeveral);
    if (is_painted) note += one ? " it is painted, and" : " they are painted, and";
    if (!is_painted) note += one ? " it" : " they";
    entry.notes.push_back(note + (one ? " comes first in --review" : " come first in --review"));
  }
  const float near = kNearLimit * static_cast<float>(smallest);
  const auto small = count([&](const ReportTrack& track) { return track.most_height < near; });
  if (small >= kFewSmall && scope != analysis::Scope::thorough) {
    entry.notes.push_back(
        fmt::format("{} of {} face tracks are under {:.0f} px high, so that smaller faces are likely, and "
                    "those under {} px may {}; --scope thorough finds faces from {} px on as a rule",
                    small, entry.tracks.size(), near, smallest, is_painted ? "stay clear" : "be missed",
                    smallest_thorough));
  }
}

void note_excluded(ReportEntry& entry, std::size_t faces, bool is_painted) {
  if (faces == 0) return;
  const bool one = faces == 1;
  entry.notes.push_back(fmt::format(
      "{} {} in an excluded area, in whole or in part{}",
      counted(faces, entry.kind == media::FileKind::clip ? "face track" : "face"), one ? "lies" : "lie",
      is_painted ? fmt::format(", and {} left clear there", one ? "was" : "were") : ""));
}

ReportEntry picture_entry(const PictureResult& result) {
  ReportEntry entry;
  entry.kind = media::FileKind::picture;
  entry.input.sha256 = result.input_sha256;
  entry.size = result.size;
  entry.smallest_face = result.smallest_face;
  for (const analysis::Face& face : result.faces) entry.faces.push_back({face.box, face.confidence});
  if (!result.output.empty()) {
    entry.output = ReportFile{{}, result.output.size(), result.output_sha256};
  }
  return entry;
}

}  // namespace sightline::anonymize
