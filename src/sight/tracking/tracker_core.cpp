#include "sight/tracking/tracker_core.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "sight/tracking/settle.h"

namespace sightline::tracking {
namespace {

using analysis::Face;

constexpr int kSmallestStretch = 3;      // frames; shorter ones are not looked into for doubt
constexpr float kCoarseMinScore = 0.2F;  // raw score under which a coarse says nothing
constexpr float kSameFace = 0.4F;        // IoU of two detections at different sizes of one picture
constexpr float kBudgetCap = 6;
constexpr std::int64_t kDeepRest = 40;  // frames between a deep pass and one that a candidate asks for

/// In normal passes.
float cost_of(Pass pass) {
  switch (pass) {
    case Pass::normal:
      return 1;
    case Pass::deep:
      return 4.4F + 0.25F;
    case Pass::coarse:
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

Result<PassResult> TrackerCore::look(std::int64_t index, Pass pass) {
  PassResult seen{pass, TRY(detect_(window_[index].frame, index, pass))};
  if (pass == Pass::deep) {
    // What is large and blurred shows best at half the size: both ends of the scale are looked at.
    for (const Face& face : TRY(detect_(window_[index].frame, index, Pass::coarse)))
      add_unless_known(seen.faces, face);
    last_deep_ = index;
  }
  if (pass != Pass::coarse) last_full_ = index;
  std::erase_if(seen.faces, [&](const Face& face) {
    return face.score < (pass == Pass::coarse ? kCoarseMinScore : options_.keep_score) ||
           !(face.box.width > 1) || !(face.box.height > 1);
  });
  for (Face& face : seen.faces) face.box = completed(face.box, window_[index].luma);
  budget_ -= cost_of(pass);
  return seen;
}

Pass TrackerCore::pass_for(std::int64_t index) {
  if (options_.deep_interval > 0 && index - last_deep_ >= options_.deep_interval) return Pass::deep;
  const bool missing = index - tracks_.last_loss() <= options_.search;
  return missing || index - last_full_ >= options_.full_interval ? Pass::normal : Pass::coarse;
}

Result<void> TrackerCore::start_scene(std::int64_t index) {
  last_key_ = index;
  stride_ = options_.usual_stride;
  const bool deep =
      options_.deep_interval > 0 && (index == 0 || index - last_deep_ >= options_.deep_interval / 2);
  const PassResult seen = TRY(look(index, deep ? Pass::deep : Pass::normal));
  tracks_.start_scene(index, seen);
  if (index == 0)
    budget_ = 0;  // a clip's first pass is not paid for, so that doubt can be looked into at once
  plan_next(index, false);
  return {};
}

Result<void> TrackerCore::end_scene(std::int64_t last) {
  // The last frame has no later one to learn from: it is looked at as closely as the first.
  const bool deep = options_.deep_interval > 0 && last - last_deep_ >= options_.deep_interval / 2;
  if (last > last_key_) TRY(advance(last, deep ? Pass::deep : Pass::normal));
  tracks_.end_scene();
  return {};
}

Result<void> TrackerCore::advance(std::int64_t key, Pass pass) {
  budget_ = std::min(kBudgetCap, budget_ + options_.detection_share * static_cast<float>(key - last_key_));
  const PassResult seen = TRY(look(key, pass));
  const float before = budget_;
  TRY(close(last_key_, key, seen, Doubt::look_closer));
  const bool doubt = budget_ < before;
  TRY(look_again(key, pass));
  last_key_ = key;
  plan_next(key, doubt);
  return {};
}

Result<void> TrackerCore::close(std::int64_t from, std::int64_t to, const PassResult& seen, Doubt doubt) {
  Stretch stretch = tracks_.survey(from, to, seen);
  if (doubt == Doubt::look_closer && stretch.doubtful_height > 0 && to - from >= kSmallestStretch) {
    const std::int64_t middle = (from + to) / 2;
    const Pass pass = stretch.doubtful_height >= kCoarseMinHeight * detector_pixel(window_[to].luma)
                          ? Pass::coarse
                          : Pass::normal;
    if (budget_ >= cost_of(pass)) {
      const PassResult between = TRY(look(middle, pass));
      TRY(close(from, middle, between, Doubt::accept));
      return close(middle, to, seen, Doubt::accept);
    }
  }
  tracks_.settle(stretch);
  return {};
}

Result<void> TrackerCore::look_again(std::int64_t key, Pass pass) {
  const std::optional<Pass> second = tracks_.second_pass(key, pass);
  if (!second) return {};
  const bool deep = *second == Pass::deep;
  if (deep && (options_.deep_interval == 0 || key - std::max(last_deep_, last_asked_) < kDeepRest)) return {};
  if (!deep && budget_ < cost_of(*second)) return {};
  // What a candidate asks for does not put off the next deep pass that is due.
  const std::int64_t due = last_deep_;
  tracks_.add_second_look(key, TRY(look(key, *second)));
  last_deep_ = due;
  if (deep) last_asked_ = key;
  return {};
}

void TrackerCore::plan_next(std::int64_t key, bool doubt) {
  stride_ = doubt ? std::max(options_.usual_stride / 2, stride_ - 2) : stride_ + 1;
  float wanted = std::min(stride_, static_cast<float>(options_.max_stride));
  if (const float speed = tracks_.greatest_speed(key); speed > 0.01F) {
    wanted = std::min(wanted, std::max(2.0F, 1.5F / speed));
  }
  if (key - tracks_.last_loss() <= options_.search) wanted = std::min(wanted, options_.usual_stride);
  if (budget_ < 0) wanted = std::max(wanted, 1.0F / options_.detection_share + 1);
  wanted = std::min(wanted, static_cast<float>(options_.max_stride));
  next_key_ = key + std::max<std::int64_t>(1, static_cast<std::int64_t>(wanted));
}

std::vector<CoveredFrame> TrackerCore::release(std::int64_t end) {
  std::vector<CoveredFrame> done;
  while (!window_.empty() && window_.first() < std::min(end, window_.end())) {
    CoveredFrame covered;
    covered.index = window_.first();
    covered.tracks.boxes = tracks_.take(covered.index);
    HeldFrame held = window_.pop();
    covered.tracks.pts = held.pts;
    covered.frame = std::move(held.frame);
    done.push_back(std::move(covered));
  }
  return done;
}

}  // namespace sightline::tracking
