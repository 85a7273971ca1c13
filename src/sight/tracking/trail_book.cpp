#include "sight/tracking/trail_book.h"

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

void TrailBook::start_scene(std::int64_t index, const Look& seen) {
  scene_start_ = index;
  for (const Face& face : seen.faces) {
    Trail trail(index, {face.box, face.confidence, Origin::detected, false, slack_of(face)});
    note_detection(trail, index, face, seen.pass);
    trails_.push_back(std::move(trail));
  }
}

void TrailBook::end_scene() {
  for (Trail& trail : trails_) trail.lost = true;
}

Stretch TrailBook::survey(std::int64_t from, std::int64_t to, const Look& seen) {
  Stretch stretch;
  stretch.from = from;
  stretch.to = to;
  stretch.pass = seen.pass;
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < trails_.size(); ++i) {
    Trail& trail = trails_[i];
    if (trail.lost || trail.last() != from) continue;
    Path path = carry(window_, from, to, trail.at(from).box, trail.drift, trail.anchor);
    const std::int64_t reached = path.reached();
    const Box& end = path.boxes.empty() ? trail.at(from).box : path.boxes.back().box;
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
    stretch.sightings.push_back({face, {}, false});
  }
  stretch.matches = associate(candidates, boxes);
  std::vector<bool> found(candidates.size());
  for (const auto& [a, s] : stretch.matches) {
    found[a] = true;
    Sighting& sighting = stretch.sightings[s];
    sighting.matched = true;
    const Drift drift = stretch.ahead[a].drift;
    sighting.face.box = steadied(sighting.face.box, sighting.face.score, stretch.ahead[a], to,
                                 trails_[stretch.active[a]].evidence);
    if (arrives(stretch.ahead[a], to, sighting.face.box)) continue;
    sighting.back = carry(window_, to, from, sighting.face.box, {-drift.x, -drift.y}, std::nullopt);
    if (stretch.ahead[a].reached() != to && sighting.back.reached() != from) stretch.doubt(sighting.face.box);
  }
  const std::int64_t oldest = std::max(scene_start_, window_.first());
  for (Sighting& sighting : stretch.sightings) {
    if (sighting.matched) continue;
    sighting.back = carry(window_, to, oldest, sighting.face.box, {}, std::nullopt);
    const bool strong = sighting.face.score >= options_.start_score;
    if (strong && !sighting.back.left && sighting.back.reached() > from) stretch.doubt(sighting.face.box);
  }
  for (std::size_t a = 0; a < found.size(); ++a) {
    const Path& path = stretch.ahead[a];
    const Trail& trail = trails_[stretch.active[a]];
    if (!found[a] && trail.confirmed && !path.left && path.reached() != to) stretch.doubt(trail.at(from).box);
  }
  return stretch;
}

void TrailBook::settle(Stretch& stretch) {
  std::vector<bool> found(stretch.active.size());
  for (const auto& [a, s] : stretch.matches) {
    found[a] = true;
    settle_match(stretch, a, stretch.sightings[s]);
  }
  for (std::size_t a = 0; a < found.size(); ++a) {
    if (!found[a]) settle_missing(stretch, a);
  }
  for (Sighting& sighting : stretch.sightings) {
    if (!sighting.matched) settle_new(stretch, sighting);
  }
  drop_duplicates(stretch.to);
}

std::optional<Pass> TrailBook::second_pass(std::int64_t key, Pass seen) const {
  std::optional<Pass> wanted;
  for (const Trail& trail : trails_) {
    if (trail.confirmed || trail.lost || !trail.covers(key) || trail.last_seen != key) continue;
    const bool large = trail.at(key).box.height >= kGlanceSees * detector_pixel(window_[key].luma);
    if (trail.hits >= kHitsForDeep && !trail.closely_seen && !large && seen != Pass::deep) return Pass::deep;
    if (!large || seen == Pass::deep || trail.hits > kHitsForOtherSize) continue;
    if (seen == Pass::normal) wanted = Pass::glance;
    if (seen == Pass::glance && trail.strong_hits > 0) wanted = Pass::normal;
  }
  return wanted;
}

void TrailBook::add_second_look(std::int64_t index, const Look& seen) {
  std::vector<Candidate> candidates;
  std::vector<std::size_t> known;
  for (std::size_t i = 0; i < trails_.size(); ++i) {
    if (trails_[i].lost || !trails_[i].covers(index)) continue;
    candidates.push_back({trails_[i].at(index).box, 0});
    known.push_back(i);
    if (seen.pass == Pass::deep) trails_[i].closely_seen = true;
  }
  std::vector<Box> boxes;
  for (const Face& face : seen.faces) boxes.push_back(face.box);
  std::vector<bool> matched(boxes.size());
  for (const auto& [c, s] : associate(candidates, boxes)) {
    matched[s] = true;
    Trail& trail = trails_[known[c]];
    if (!trail.confirmed) note_detection(trail, index, seen.faces[s], seen.pass);
  }
  Stretch stretch;
  stretch.from = stretch.to = index;
  stretch.pass = seen.pass;
  for (std::size_t s = 0; s < boxes.size(); ++s) {
    if (matched[s]) continue;
    Sighting sighting{seen.faces[s], {}, false};
    sighting.back =
        carry(window_, index, std::max(scene_start_, window_.first()), sighting.face.box, {}, std::nullopt);
    settle_new(stretch, sighting);
  }
}

void TrailBook::settle_match(Stretch& stretch, std::size_t active, Sighting& sighting) {
  Trail& trail = trails_[stretch.active[active]];
  const Path& ahead = stretch.ahead[active];
  const Spot start = trail.at(stretch.from);
  for (std::int64_t i = stretch.from + 1; i < stretch.to; ++i) {
    trail.append(between(window_, start, stretch.from, sighting.face, stretch.to, ahead, sighting.back, i));
  }
  trail.append(
      {sighting.face.box, sighting.face.confidence, Origin::detected, false, slack_of(sighting.face)});
  trail.drift = ahead.drift;
  if (!sighting.back.boxes.empty()) trail.drift = drift_from(window_, trail, stretch.from, stretch.to);
  note_detection(trail, stretch.to, sighting.face, stretch.pass);
}

void TrailBook::settle_missing(Stretch& stretch, std::size_t active) {
  Trail& trail = trails_[stretch.active[active]];
  const Path& ahead = stretch.ahead[active];
  const std::int64_t patience = trail.last_seen + patience_of(trail, options_.max_stride);
  std::int64_t i = stretch.from + 1;
  for (; i <= std::min(ahead.reached(), patience); ++i) {
    const float confidence = faded(trail.confidence, i - trail.last_seen);
    trail.append(
        {ahead.at(i)->box, confidence, Origin::tracked, false, carried_slack(trail.at(i - 1).slack)});
    trail.last_held = i;
  }
  trail.drift = ahead.drift;
  const bool could_be_seen =
      stretch.pass != Pass::glance ||
      trail.at(trail.last()).box.height >= kGlanceSees * detector_pixel(window_[stretch.to].luma);
  if (could_be_seen) trail.evidence *= kFadeOfEvidence;
  if (i <= stretch.to) {
    trail.lost = true;
    trail.left = ahead.left;
    if (trail.confirmed && !trail.left) last_loss_ = stretch.to;
    extrapolate_after(trail, stretch.to);
  }
}

void TrailBook::settle_new(Stretch& stretch, Sighting& sighting) {
  if (join(sighting, stretch.to, stretch.pass)) return;
  const Face& face = sighting.face;
  for (const Trail& trail : trails_) {
    if (trail.confirmed && trail.covers(stretch.to) && media::iou(trail.at(stretch.to).box, face.box) > 0.5F)
      return;
  }
  Trail trail(stretch.to, {face.box, face.confidence, Origin::detected, false, slack_of(face)});
  note_detection(trail, stretch.to, face, stretch.pass);
  trail.drift = {-sighting.back.drift.x, -sighting.back.drift.y};
  if (!sighting.back.boxes.empty()) trail.drift = drift_from_path(window_, sighting.back, face.box);
  const std::int64_t oldest = stretch.to - patience_of(trail, options_.max_stride);
  for (std::int64_t i = stretch.to - 1; i >= std::max(sighting.back.reached(), oldest); --i) {
    const Box& box = sighting.back.at(i)->box;
    const bool taken = std::any_of(trails_.begin(), trails_.end(), [&](const Trail& other) {
      return other.confirmed && other.covers(i) && !other.at(i).guess &&
             media::iou(other.at(i).box, box) > 0.4F;
    });
    if (taken) break;
    trail.prepend({box, faded(face.confidence, stretch.to - i), Origin::tracked, false,
                   carried_slack(trail.at(i + 1).slack)});
  }
  if (!sighting.back.left) extrapolate_before(trail, std::max(scene_start_, window_.first()));
  trails_.push_back(std::move(trail));
}

bool TrailBook::join(Sighting& sighting, std::int64_t key, Pass pass) {
  Trail* best = nullptr;
  Meeting best_meeting;
  for (Trail& trail : trails_) {
    if (!trail.lost || trail.empty() || trail.last_held < scene_start_ || trail.last_held < window_.first())
      continue;
    if (key - trail.last_held > options_.look_back) continue;
    const std::optional<Meeting> meeting = meet(window_, trail, sighting.back, sighting.face.box);
    if (meeting && (best == nullptr || meeting->affinity > best_meeting.affinity)) {
      best = &trail;
      best_meeting = *meeting;
    }
  }
  if (best == nullptr) return false;
  Trail& trail = *best;
  trail.cut_after(best_meeting.last_kept);
  bridge(window_, trail, best_meeting.first_new, sighting.back, sighting.face, key);
  trail.lost = false;
  trail.left = false;
  trail.drift = drift_from_path(window_, sighting.back, sighting.face.box);
  note_detection(trail, key, sighting.face, pass);
  return true;
}

void TrailBook::note_detection(Trail& trail, std::int64_t index, const Face& face, Pass pass) {
  trail.last_seen = index;
  trail.last_held = index;
  if (pass != Pass::glance) trail.at(index).full_size = true;
  trail.evidence = trail.evidence * kFadeOfEvidence + face.score;
  trail.best_score = std::max(trail.best_score, face.score);
  trail.confidence = face.confidence;
  ++trail.hits;
  if (pass == Pass::deep) trail.closely_seen = true;
  trail.anchor = take_patch(window_[index].luma, face.box);
  if (face.score >= options_.start_score) ++trail.strong_hits;
  // Strong once, or somewhat strong twice; a deep look errs less.
  const float sure = pass == Pass::deep ? options_.start_score : options_.sure_score;
  if (face.score >= sure || trail.strong_hits >= 2) trail.confirmed = true;
}

void TrailBook::extrapolate_after(Trail& trail, std::int64_t newest) {
  if (trail.left || trail.empty()) return;
  Box box = trail.at(trail.last()).box;
  Drift drift = trail.drift;
  const std::int64_t end = std::min(newest, trail.last_held + options_.tail);
  for (std::int64_t i = trail.last() + 1; i <= end; ++i) {
    box = window_[i].motion.forward(box);
    box = media::grown({box.x + drift.x, box.y + drift.y, box.width, box.height}, kGuessGrowth);
    drift = {drift.x * 0.8F, drift.y * 0.8F};
    trail.append({box, faded(trail.confidence, 2 * (i - trail.last_seen)), Origin::interpolated, true,
                  trail.at(i - 1).slack});
  }
}

void TrailBook::extrapolate_before(Trail& trail, std::int64_t oldest) {
  Box box = trail.at(trail.first()).box;
  Drift drift = trail.drift;
  const std::int64_t end = std::max(oldest, trail.first() - options_.tail);
  for (std::int64_t i = trail.first() - 1; i >= end; --i) {
    box = window_[i + 1].motion.backward(box);
    box = media::grown({box.x - drift.x, box.y - drift.y, box.width, box.height}, kGuessGrowth);
    drift = {drift.x * 0.8F, drift.y * 0.8F};
    trail.prepend({box, faded(trail.confidence, 2 * (trail.last_seen - i)), Origin::interpolated, true,
                   trail.at(i + 1).slack});
  }
}

void TrailBook::drop_duplicates(std::int64_t key) {
  for (Trail& trail : trails_) {
    if (trail.lost || !trail.covers(key) || trail.last_seen == key) continue;
    for (const Trail& other : trails_) {
      if (&other == &trail || !other.covers(key) || other.last_seen != key) continue;
      if (media::iou(trail.at(key).box, other.at(key).box) > 0.5F) {
        trail.lost = true;
        break;
      }
    }
  }
}

float TrailBook::greatest_speed(std::int64_t key) const {
  float speed = 0;
  for (const Trail& trail : trails_) {
    if (trail.lost || !trail.confirmed || !trail.covers(key)) continue;
    const float side = std::sqrt(std::max(1.0F, trail.at(key).box.area()));
    speed = std::max(speed, std::hypot(trail.drift.x, trail.drift.y) / side);
  }
  return speed;
}

std::vector<TrackedBox> TrailBook::take(std::int64_t index) {
  const float pixel = detector_pixel(window_[index].luma);
  std::vector<TrackedBox> boxes;
  for (Trail& trail : trails_) {
    if (trail.confirmed && trail.covers(index)) {
      if (trail.id == 0) trail.id = next_id_++;
      const Spot& spot = trail.at(index);
      boxes.push_back(
          {trail.id, covering(spot.box, spot.slack, pixel), spot.score, spot.origin, spot.full_size});
    }
    trail.forget_before(index + 1);
  }
  std::erase_if(trails_, [](const Trail& trail) { return trail.empty(); });
  return boxes;
}

}  // namespace sightline::tracking
