#include "sight/tracking/tracker_core.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "sight/tracking/association.h"
#include "sight/tracking/settle.h"

namespace sightline::tracking {
namespace {

using analysis::Face;
using media::Box;

constexpr int kSmallestStretch = 3;    // frames; shorter ones are not looked into for doubt
constexpr float kDetectorSide = 1280;  // of the largest picture that a usual detection looks at
constexpr float kGlanceKeeps = 0.2F;   // raw score under which a glance says nothing
constexpr float kGlanceSees = 44;      // height in detector pixels from which a glance finds a face
constexpr float kSameFace = 0.4F;      // IoU of two detections at different sizes of one picture
constexpr int kMostHalvings = 2;
constexpr float kBudgetCap = 6;
constexpr float kFadeOfEvidence = 0.85F;  // a detection ago

/// In normal passes.
float cost_of(Pass pass) {
  switch (pass) {
    case Pass::normal:
      return 1;
    case Pass::deep:
      return 4.4F + 0.25F;
    case Pass::glance:
      return 0.25F;
  }
  return 1;
}

void add_unless_known(std::vector<Face>& faces, const Face& fresh) {
  for (Face& face : faces) {
    if (media::iou(face.box, fresh.box) < kSameFace) continue;
    if (fresh.score > face.score) face = fresh;
    return;
  }
  faces.push_back(fresh);
}

}  // namespace

struct TrackerCore::Look {
  Pass pass = Pass::normal;
  std::vector<Face> faces;
};

struct TrackerCore::Sighting {
  Face face;
  Path back;  // from the detection towards the past
  bool matched = false;
};

struct TrackerCore::Stretch {
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::vector<std::size_t> active;  // trails that reach `from`
  std::vector<Path> ahead;          // one an active trail
  std::vector<Sighting> sightings;
  std::vector<std::pair<std::size_t, std::size_t>> matches;  // (n-th active, n-th sighting)
  Pass pass = Pass::normal;
  float doubtful_height = 0;  // of the smallest face that came or went; 0: none

  void doubt(const Box& box) {
    doubtful_height = doubtful_height > 0 ? std::min(doubtful_height, box.height) : box.height;
  }
};

Result<std::vector<CoveredFrame>> TrackerCore::push(media::VideoFrame frame, std::int64_t pts,
                                                    LumaPyramid luma) {
  HeldFrame held{std::move(frame), pts, std::move(luma), {}};
  const std::int64_t index = window_.end();
  if (!window_.empty()) held.motion = estimate_motion(window_[index - 1].luma, held.luma);
  const bool cut = index > 0 && held.motion.cut;
  if (cut) TRY(end_scene(index - 1));
  window_.push(std::move(held));
  if (index == 0 || cut) {
    TRY(start_scene(index));
  } else if (index >= next_key_) {
    TRY(advance(index, pass_for(index)));
  }
  return release(last_key_ - options_.look_back + 1);
}

Result<std::vector<CoveredFrame>> TrackerCore::finish() {
  if (!window_.empty()) TRY(end_scene(window_.end() - 1));
  return release(window_.end());
}

Result<TrackerCore::Look> TrackerCore::look(std::int64_t index, Pass pass) {
  Look seen{pass, TRY(detect_(window_[index].frame, index, pass))};
  if (pass == Pass::deep) {
    // What is large and blurred shows best at half the size: both ends of the scale are looked at.
    for (const Face& face : TRY(detect_(window_[index].frame, index, Pass::glance)))
      add_unless_known(seen.faces, face);
    last_deep_ = index;
  }
  if (pass != Pass::glance) last_full_ = index;
  std::erase_if(seen.faces, [&](const Face& face) {
    return face.score < (pass == Pass::glance ? kGlanceKeeps : options_.keep_score) ||
           !(face.box.width > 1) || !(face.box.height > 1);
  });
  for (Face& face : seen.faces) face.box = completed(face.box, window_[index].luma);
  budget_ -= cost_of(pass);
  return seen;
}

Pass TrackerCore::pass_for(std::int64_t index) {
  if (options_.deep_interval > 0 && index - last_deep_ >= options_.deep_interval) return Pass::deep;
  const bool missing = index - last_loss_ <= options_.search;
  return missing || index - last_full_ >= options_.full_interval ? Pass::normal : Pass::glance;
}

Result<void> TrackerCore::start_scene(std::int64_t index) {
  scene_start_ = index;
  last_key_ = index;
  stride_ = options_.usual_stride;
  const bool deep =
      options_.deep_interval > 0 && (index == 0 || index - last_deep_ >= options_.deep_interval / 2);
  const Look seen = TRY(look(index, deep ? Pass::deep : Pass::normal));
  for (const Face& face : seen.faces) {
    Trail trail(index, {face.box, face.confidence, Origin::detected, false, slack_of(face)});
    note_detection(trail, index, face, seen.pass);
    trails_.push_back(std::move(trail));
  }
  plan_next(index, false);
  return {};
}

Result<void> TrackerCore::end_scene(std::int64_t last) {
  // The last frame has no later one to learn from: it is looked at as closely as the first.
  const bool deep = options_.deep_interval > 0 && last - last_deep_ >= options_.deep_interval / 2;
  if (last > last_key_) TRY(advance(last, deep ? Pass::deep : Pass::normal));
  for (Trail& trail : trails_) trail.lost = true;
  return {};
}

Result<void> TrackerCore::advance(std::int64_t key, Pass pass) {
  budget_ = std::min(kBudgetCap, budget_ + options_.detection_share * static_cast<float>(key - last_key_));
  const Look seen = TRY(look(key, pass));
  const float before = budget_;
  TRY(close(last_key_, key, seen, 0));
  const bool doubt = budget_ < before;
  last_key_ = key;
  plan_next(key, doubt);
  return {};
}

Result<void> TrackerCore::close(std::int64_t from, std::int64_t to, const Look& seen, int depth) {
  Stretch stretch = survey(from, to, seen);
  if (stretch.doubtful_height > 0 && depth < kMostHalvings && to - from >= kSmallestStretch) {
    const std::int64_t middle = (from + to) / 2;
    const Pass pass =
        stretch.doubtful_height >= kGlanceSees * detector_pixel(to) ? Pass::glance : Pass::normal;
    if (budget_ >= cost_of(pass)) {
      const Look between = TRY(look(middle, pass));
      TRY(close(from, middle, between, depth + 1));
      return close(middle, to, seen, depth + 1);
    }
  }
  settle(stretch);
  return {};
}

TrackerCore::Stretch TrackerCore::survey(std::int64_t from, std::int64_t to, const Look& seen) {
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

void TrackerCore::settle(Stretch& stretch) {
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

void TrackerCore::settle_match(Stretch& stretch, std::size_t active, Sighting& sighting) {
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

void TrackerCore::settle_missing(Stretch& stretch, std::size_t active) {
  Trail& trail = trails_[stretch.active[active]];
  const Path& ahead = stretch.ahead[active];
  const std::int64_t patience = trail.last_seen + patience_of(trail);
  std::int64_t i = stretch.from + 1;
  for (; i <= std::min(ahead.reached(), patience); ++i) {
    const float confidence = faded(trail.confidence, i - trail.last_seen);
    trail.append(
        {ahead.at(i)->box, confidence, Origin::tracked, false, carried_slack(trail.at(i - 1).slack)});
    trail.last_held = i;
  }
  trail.drift = ahead.drift;
  const bool could_be_seen = stretch.pass != Pass::glance ||
                             trail.at(trail.last()).box.height >= kGlanceSees * detector_pixel(stretch.to);
  if (could_be_seen) trail.evidence *= kFadeOfEvidence;
  if (i <= stretch.to) {
    trail.lost = true;
    trail.left = ahead.left;
    if (trail.confirmed && !trail.left) last_loss_ = stretch.to;
    extrapolate_after(trail, stretch.to);
  }
}

void TrackerCore::settle_new(Stretch& stretch, Sighting& sighting) {
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
  const std::int64_t oldest = stretch.to - patience_of(trail);
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

bool TrackerCore::join(Sighting& sighting, std::int64_t key, Pass pass) {
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

void TrackerCore::note_detection(Trail& trail, std::int64_t index, const Face& face, Pass pass) {
  trail.last_seen = index;
  trail.last_held = index;
  trail.evidence = trail.evidence * kFadeOfEvidence + face.score;
  trail.best_score = std::max(trail.best_score, face.score);
  trail.confidence = face.confidence;
  trail.anchor = take_patch(window_[index].luma, face.box);
  ++trail.hits;
  if (face.score >= options_.start_score) ++trail.strong_hits;
  // Strong once, or somewhat strong twice; a deep look errs less.
  const float sure = pass == Pass::deep ? options_.start_score : options_.sure_score;
  if (face.score >= sure || trail.strong_hits >= 2) trail.confirmed = true;
}

float TrackerCore::detector_pixel(std::int64_t index) const {
  const LumaPyramid& luma = window_[index].luma;
  return std::max(1.0F, std::max(luma.width(), luma.height()) / kDetectorSide);
}

void TrackerCore::extrapolate_after(Trail& trail, std::int64_t newest) {
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

void TrackerCore::extrapolate_before(Trail& trail, std::int64_t oldest) {
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

void TrackerCore::drop_duplicates(std::int64_t key) {
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

void TrackerCore::plan_next(std::int64_t key, bool doubt) {
  stride_ = doubt ? std::max(options_.usual_stride / 2, stride_ - 2) : stride_ + 1;
  float wanted = std::min(stride_, static_cast<float>(options_.max_stride));
  for (const Trail& trail : trails_) {
    if (trail.lost || !trail.confirmed || !trail.covers(key)) continue;
    const Box& box = trail.at(key).box;
    const float speed = std::hypot(trail.drift.x, trail.drift.y) / std::sqrt(std::max(1.0F, box.area()));
    if (speed > 0.01F) wanted = std::min(wanted, std::max(2.0F, 1.5F / speed));
  }
  if (key - last_loss_ <= options_.search) wanted = std::min(wanted, options_.usual_stride);
  if (budget_ < 0) wanted = std::max(wanted, 1.0F / options_.detection_share + 1);
  wanted = std::min(wanted, static_cast<float>(options_.max_stride));
  next_key_ = key + std::max<std::int64_t>(1, static_cast<std::int64_t>(wanted));
}

std::vector<CoveredFrame> TrackerCore::release(std::int64_t end) {
  std::vector<CoveredFrame> done;
  while (!window_.empty() && window_.first() < std::min(end, window_.end())) {
    const std::int64_t index = window_.first();
    const float pixel = detector_pixel(index);
    CoveredFrame covered;
    covered.index = index;
    for (Trail& trail : trails_) {
      if (!trail.confirmed || !trail.covers(index)) continue;
      if (trail.id == 0) trail.id = next_id_++;
      const Spot& spot = trail.at(index);
      covered.tracks.boxes.push_back(
          {trail.id, covering(spot.box, spot.slack, pixel), spot.score, spot.origin});
    }
    HeldFrame held = window_.pop();
    covered.tracks.pts = held.pts;
    covered.frame = std::move(held.frame);
    done.push_back(std::move(covered));
    for (Trail& trail : trails_) trail.forget_before(index + 1);
  }
  std::erase_if(trails_, [&](const Trail& trail) { return trail.empty(); });
  return done;
}

}  // namespace sightline::tracking
