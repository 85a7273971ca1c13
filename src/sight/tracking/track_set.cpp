#include "sight/tracking/track_set.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sight/tracking/association.h"
#include "sight/tracking/settle.h"

namespace sightline::tracking {
namespace {

using analysis::Face;
using media::Box;

constexpr float kFadeOfEvidence = 0.85F;  // a detection ago
constexpr int kHitsForOtherSize = 6;  // detections after which a large candidate is no longer looked at twice
constexpr int kHitsForDeep = 3;       // detections, all of them weak, after which a deep look decides

}  // namespace

void TrackSet::start_scene(std::int64_t index, const PassResult& seen) {
  scene_start_ = index;
  for (const Face& face : seen.faces) {
    FaceTrack track(index, {face.box, face.confidence, Origin::detected, false, slack_of(face)});
    note_detection(track, index, face, seen.pass);
    tracks_.push_back(std::move(track));
  }
}

void TrackSet::end_scene() {
  for (FaceTrack& track : tracks_) track.lost = true;
}

Stretch TrackSet::survey(std::int64_t from, std::int64_t to, const PassResult& seen) {
  Stretch stretch;
  stretch.from = from;
  stretch.to = to;
  stretch.pass = seen.pass;
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    FaceTrack& track = tracks_[i];
    if (track.lost || track.last() != from) continue;
    Path path = carry(window_, from, to, track.at(from).box, track.drift, track.anchor);
    const std::int64_t reached = path.reached();
    const Box& end = path.boxes.empty() ? track.at(from).box : path.boxes.back().box;
    Box expected = window_.moved(end, reached, to);
    const auto missing = static_cast<float>(to - reached);
    expected.x += path.drift.x * missing;
    expected.y += path.drift.y * missing;
    candidates.push_back({expected, 0.12F * missing});
    stretch.active.push_back(i);
    stretch.ahead.push_back(std::move(path));
  }
  std::vector<Box> boxes;
  for (const Face& face : seen.faces) {
    boxes.push_back(face.box);
    stretch.detections.push_back({face, {}, false});
  }
  stretch.matches = associate(candidates, boxes);
  std::vector<bool> found(candidates.size());
  for (const auto& [a, s] : stretch.matches) {
    found[a] = true;
    StretchDetection& detection = stretch.detections[s];
    detection.matched = true;
    const Drift drift = stretch.ahead[a].drift;
    detection.face.box = steadied(detection.face.box, detection.face.score, stretch.ahead[a], to,
                                  tracks_[stretch.active[a]].evidence);
    if (arrives(stretch.ahead[a], to, detection.face.box)) continue;
    detection.back = carry(window_, to, from, detection.face.box, {-drift.x, -drift.y}, std::nullopt);
    if (stretch.ahead[a].reached() != to && detection.back.reached() != from)
      stretch.doubt(detection.face.box);
  }
  const std::int64_t oldest = std::max(scene_start_, window_.first());
  for (StretchDetection& detection : stretch.detections) {
    if (detection.matched) continue;
    detection.back = carry(window_, to, oldest, detection.face.box, {}, std::nullopt);
    const bool strong = detection.face.score >= options_.start_score;
    if (strong && !detection.back.left && detection.back.reached() > from) stretch.doubt(detection.face.box);
  }
  for (std::size_t a = 0; a < found.size(); ++a) {
    const Path& path = stretch.ahead[a];
    const FaceTrack& track = tracks_[stretch.active[a]];
    if (!found[a] && track.confirmed && !path.left && path.reached() != to) stretch.doubt(track.at(from).box);
  }
  return stretch;
}

void TrackSet::settle(Stretch& stretch) {
  std::vector<bool> found(stretch.active.size());
  for (const auto& [a, s] : stretch.matches) {
    found[a] = true;
    settle_match(stretch, a, stretch.detections[s]);
  }
  for (std::size_t a = 0; a < found.size(); ++a) {
    if (!found[a]) settle_missing(stretch, a);
  }
  for (StretchDetection& detection : stretch.detections) {
    if (!detection.matched) settle_new(stretch, detection);
  }
  drop_duplicates(stretch.to);
}

std::optional<Pass> TrackSet::second_pass(std::int64_t key, Pass seen) const {
  std::optional<Pass> wanted;
  for (const FaceTrack& track : tracks_) {
    if (track.confirmed || track.lost || !track.covers(key) || track.last_seen != key) continue;
    const bool large = track.at(key).box.height >= kCoarseMinHeight * detector_pixel(window_[key].luma);
    if (track.hits >= kHitsForDeep && !track.closely_seen && !large && seen != Pass::deep) return Pass::deep;
    if (!large || seen == Pass::deep || track.hits > kHitsForOtherSize) continue;
    if (seen == Pass::normal) wanted = Pass::coarse;
    if (seen == Pass::coarse && track.strong_hits > 0) wanted = Pass::normal;
  }
  return wanted;
}

void TrackSet::add_second_look(std::int64_t index, const PassResult& seen) {
  std::vector<Candidate> candidates;
  std::vector<std::size_t> known;
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    if (tracks_[i].lost || !tracks_[i].covers(index)) continue;
    candidates.push_back({tracks_[i].at(index).box, 0});
    known.push_back(i);
    if (seen.pass == Pass::deep) tracks_[i].closely_seen = true;
  }
  std::vector<Box> boxes;
  for (const Face& face : seen.faces) boxes.push_back(face.box);
  std::vector<bool> matched(boxes.size());
  for (const auto& [c, s] : associate(candidates, boxes)) {
    matched[s] = true;
    FaceTrack& track = tracks_[known[c]];
    if (!track.confirmed) note_detection(track, index, seen.faces[s], seen.pass);
  }
  Stretch stretch;
  stretch.from = stretch.to = index;
  stretch.pass = seen.pass;
  for (std::size_t s = 0; s < boxes.size(); ++s) {
    if (matched[s]) continue;
    StretchDetection detection{seen.faces[s], {}, false};
    detection.back =
        carry(window_, index, std::max(scene_start_, window_.first()), detection.face.box, {}, std::nullopt);
    settle_new(stretch, detection);
  }
}

void TrackSet::settle_match(Stretch& stretch, std::size_t active, StretchDetection& detection) {
  FaceTrack& track = tracks_[stretch.active[active]];
  const Path& ahead = stretch.ahead[active];
  const TrackState start = track.at(stretch.from);
  for (std::int64_t i = stretch.from + 1; i < stretch.to; ++i) {
    track.append(between(window_, start, stretch.from, detection.face, stretch.to, ahead, detection.back, i));
  }
  track.append(
      {detection.face.box, detection.face.confidence, Origin::detected, false, slack_of(detection.face)});
  track.drift = ahead.drift;
  if (!detection.back.boxes.empty()) track.drift = drift_from(window_, track, stretch.from, stretch.to);
  note_detection(track, stretch.to, detection.face, stretch.pass);
}

void TrackSet::settle_missing(Stretch& stretch, std::size_t active) {
  FaceTrack& track = tracks_[stretch.active[active]];
  const Path& ahead = stretch.ahead[active];
  const std::int64_t patience = track.last_seen + patience_of(track, options_.max_stride);
  std::int64_t i = stretch.from + 1;
  for (; i <= std::min(ahead.reached(), patience); ++i) {
    const float confidence = faded(track.confidence, i - track.last_seen);
    track.append(
        {ahead.at(i)->box, confidence, Origin::tracked, false, carried_slack(track.at(i - 1).slack)});
    track.last_held = i;
  }
  track.drift = ahead.drift;
  const bool could_be_seen =
      stretch.pass != Pass::coarse ||
      track.at(track.last()).box.height >= kCoarseMinHeight * detector_pixel(window_[stretch.to].luma);
  if (could_be_seen) track.evidence *= kFadeOfEvidence;
  if (i <= stretch.to) {
    track.lost = true;
    track.left = ahead.left;
    if (track.confirmed && !track.left) last_loss_ = stretch.to;
    extrapolate_after(track, stretch.to);
  }
}

void TrackSet::settle_new(Stretch& stretch, StretchDetection& detection) {
  if (join(detection, stretch.to, stretch.pass)) return;
  const Face& face = detection.face;
  for (const FaceTrack& track : tracks_) {
    if (track.confirmed && track.covers(stretch.to) && media::iou(track.at(stretch.to).box, face.box) > 0.5F)
      return;
  }
  FaceTrack track(stretch.to, {face.box, face.confidence, Origin::detected, false, slack_of(face)});
  note_detection(track, stretch.to, face, stretch.pass);
  track.drift = {-detection.back.drift.x, -detection.back.drift.y};
  if (!detection.back.boxes.empty()) track.drift = drift_from_path(window_, detection.back, face.box);
  const std::int64_t oldest = stretch.to - patience_of(track, options_.max_stride);
  for (std::int64_t i = stretch.to - 1; i >= std::max(detection.back.reached(), oldest); --i) {
    const Box& box = detection.back.at(i)->box;
    const bool taken = std::any_of(tracks_.begin(), tracks_.end(), [&](const FaceTrack& other) {
      return other.confirmed && other.covers(i) && !other.at(i).guess &&
             media::iou(other.at(i).box, box) > 0.4F;
    });
    if (taken) break;
    track.prepend({box, faded(face.confidence, stretch.to - i), Origin::tracked, false,
                   carried_slack(track.at(i + 1).slack)});
  }
  if (!detection.back.left) extrapolate_before(track, std::max(scene_start_, window_.first()));
  tracks_.push_back(std::move(track));
}

bool TrackSet::join(StretchDetection& detection, std::int64_t key, Pass pass) {
  FaceTrack* best = nullptr;
  Meeting best_meeting;
  for (FaceTrack& track : tracks_) {
    if (!track.lost || track.empty() || track.last_held < scene_start_ || track.last_held < window_.first())
      continue;
    if (key - track.last_held > options_.look_back) continue;
    const std::optional<Meeting> meeting = meet(window_, track, detection.back, detection.face.box);
    if (meeting && (best == nullptr || meeting->affinity > best_meeting.affinity)) {
      best = &track;
      best_meeting = *meeting;
    }
  }
  if (best == nullptr) return false;
  FaceTrack& track = *best;
  track.cut_after(best_meeting.last_kept);
  bridge(window_, track, best_meeting.first_new, detection.back, detection.face, key);
  track.lost = false;
  track.left = false;
  track.drift = drift_from_path(window_, detection.back, detection.face.box);
  note_detection(track, key, detection.face, pass);
  return true;
}

void TrackSet::note_detection(FaceTrack& track, std::int64_t index, const Face& face, Pass pass) {
  track.last_seen = index;
  track.last_held = index;
  if (pass != Pass::coarse) track.at(index).full_size = true;
  track.evidence = track.evidence * kFadeOfEvidence + face.score;
  track.best_score = std::max(track.best_score, face.score);
  track.confidence = face.confidence;
  ++track.hits;
  if (pass == Pass::deep) track.closely_seen = true;
  track.anchor = take_patch(window_[index].luma, face.box);
  if (face.score >= options_.start_score) ++track.strong_hits;
  // Strong once, or somewhat strong twice; a deep look errs less.
  const float sure = pass == Pass::deep ? options_.start_score : options_.sure_score;
  if (face.score >= sure || track.strong_hits >= 2) track.confirmed = true;
}

void TrackSet::extrapolate_after(FaceTrack& track, std::int64_t newest) {
  if (track.left || track.empty()) return;
  Box box = track.at(track.last()).box;
  Drift drift = track.drift;
  const std::int64_t end = std::min(newest, track.last_held + options_.tail);
  for (std::int64_t i = track.last() + 1; i <= end; ++i) {
    box = window_[i].motion.forward(box);
    box = media::grown({box.x + drift.x, box.y + drift.y, box.width, box.height}, kGuessGrowth);
    drift = {drift.x * 0.8F, drift.y * 0.8F};
    track.append({box, faded(track.confidence, 2 * (i - track.last_seen)), Origin::interpolated, true,
                  track.at(i - 1).slack});
  }
}

void TrackSet::extrapolate_before(FaceTrack& track, std::int64_t oldest) {
  Box box = track.at(track.first()).box;
  Drift drift = track.drift;
  const std::int64_t end = std::max(oldest, track.first() - options_.tail);
  for (std::int64_t i = track.first() - 1; i >= end; --i) {
    box = window_[i + 1].motion.backward(box);
    box = media::grown({box.x - drift.x, box.y - drift.y, box.width, box.height}, kGuessGrowth);
    drift = {drift.x * 0.8F, drift.y * 0.8F};
    track.prepend({box, faded(track.confidence, 2 * (track.last_seen - i)), Origin::interpolated, true,
                   track.at(i + 1).slack});
  }
}

void TrackSet::drop_duplicates(std::int64_t key) {
  for (FaceTrack& track : tracks_) {
    if (track.lost || !track.covers(key) || track.last_seen == key) continue;
    for (const FaceTrack& other : tracks_) {
      if (&other == &track || !other.covers(key) || other.last_seen != key) continue;
      if (media::iou(track.at(key).box, other.at(key).box) > 0.5F) {
        track.lost = true;
        break;
      }
    }
  }
}

float TrackSet::greatest_speed(std::int64_t key) const {
  float speed = 0;
  for (const FaceTrack& track : tracks_) {
    if (track.lost || !track.confirmed || !track.covers(key)) continue;
    const float side = std::sqrt(std::max(1.0F, track.at(key).box.area()));
    speed = std::max(speed, std::hypot(track.drift.x, track.drift.y) / side);
  }
  return speed;
}

std::vector<TrackedBox> TrackSet::take(std::int64_t index) {
  const float pixel = detector_pixel(window_[index].luma);
  std::vector<TrackedBox> boxes;
  for (FaceTrack& track : tracks_) {
    if (track.confirmed && track.covers(index)) {
      if (track.id == 0) track.id = next_id_++;
      const TrackState& state = track.at(index);
      boxes.push_back(
          {track.id, covering(state.box, state.slack, pixel), state.score, state.origin, state.full_size});
    }
    track.forget_before(index + 1);
  }
  std::erase_if(tracks_, [](const FaceTrack& track) { return track.empty(); });
  return boxes;
}

}  // namespace sightline::tracking
