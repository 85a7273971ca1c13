#include "sight/tracking/carry.h"

#include <algorithm>
#include <cmath>

namespace sightline::tracking {
namespace {

using media::Box;

constexpr float kGone = 0.12F;            // visible share under which a face has left
constexpr float kTooLittleToSee = 0.35F;  // visible share under which only motion is trusted
constexpr float kWhole = 0.92F;
constexpr float kFlat = 2.5F;  // deviation in levels under which a patch holds on to nothing
constexpr float kAnchorTrusted = 0.70F;
constexpr float kNoSearchNeeded = 0.93F;
constexpr float kDriftBlend = 0.5F;
constexpr float kMostDrift = 0.6F;       // box sizes a frame
constexpr float kMostScaleStep = 0.06F;  // of the box's size a frame, beyond the camera's own

Box shifted(const Box& box, float x, float y) {
  return {box.x + x, box.y + y, box.width, box.height};
}

/// The part of a box as shares of its sides.
struct Part {
  float left = 0, top = 0, right = 1, bottom = 1;
  [[nodiscard]] bool whole() const { return left <= 0 && top <= 0 && right >= 1 && bottom >= 1; }
  [[nodiscard]] Box of(const Box& box) const {
    return {box.x + left * box.width, box.y + top * box.height, (right - left) * box.width,
            (bottom - top) * box.height};
  }
  /// The box of which `part_box` is this part.
  [[nodiscard]] Box whole_of(const Box& part_box) const {
    const float width = part_box.width / (right - left);
    const float height = part_box.height / (bottom - top);
    return {part_box.x - left * width, part_box.y - top * height, width, height};
  }
};

Part visible_part(const Box& box, const LumaPyramid& picture) {
  return {std::clamp(-box.x / box.width, 0.0F, 1.0F), std::clamp(-box.y / box.height, 0.0F, 1.0F),
          std::clamp((picture.width() - box.x) / box.width, 0.0F, 1.0F),
          std::clamp((picture.height() - box.y) / box.height, 0.0F, 1.0F)};
}

Part common_part(const Part& a, const Part& b) {
  return {std::max(a.left, b.left), std::max(a.top, b.top), std::min(a.right, b.right),
          std::min(a.bottom, b.bottom)};
}

/// Keeps the size within a step of what the camera's motion makes of it.
Box with_steady_size(const Box& box, const Box& expected) {
  const float ratio = std::sqrt(box.area() / std::max(1e-3F, expected.area()));
  const float allowed = std::clamp(ratio, 1 - kMostScaleStep, 1 + kMostScaleStep);
  const float width = expected.width * allowed;
  const float height = expected.height * allowed;
  return {box.center().x - width / 2, box.center().y - height / 2, width, height};
}

struct Step {
  CarriedBox carried;
  bool ok = false;
};

Step follow(const LumaPyramid& before, const LumaPyramid& now, const Box& box, const Box& by_camera,
            Drift drift, const Patch& anchor, const CarryLimits& limits) {
  const Box predicted = shifted(by_camera, drift.x, drift.y);
  const Part part = common_part(visible_part(box, before), visible_part(predicted, now));
  const float seen = (part.right - part.left) * (part.bottom - part.top);
  if (!(seen > kTooLittleToSee) || part.right <= part.left || part.bottom <= part.top) {
    return {{predicted, limits.least_step_match, limits.least_anchor_match}, true};
  }
  const bool whole = seen > kWhole;
  const Part used = whole ? Part{} : part;
  const Patch previous = take_patch(before, used.of(box));
  if (previous.deviation < kFlat) {
    return {{predicted, limits.least_step_match, correlation(anchor, take_patch(now, predicted))}, true};
  }
  // Where the prediction is good, refinement is enough; searching is for what moves unexpectedly.
  Match refined = refine(now, previous, used.of(predicted));
  if (refined.correlation < kNoSearchNeeded) {
    Match found = search(now, previous, used.of(predicted));
    if (std::abs(drift.x) + std::abs(drift.y) > 0.1F * std::min(box.width, box.height)) {
      const Match unmoved = search(now, previous, used.of(by_camera));
      if (unmoved.correlation > found.correlation) found = unmoved;
    }
    const Match again = refine(now, previous, found.box);
    if (again.correlation > refined.correlation) refined = again;
  }
  Step step;
  step.carried = {with_steady_size(used.whole_of(refined.box), by_camera), refined.correlation, 0};
  if (whole) {
    const Match anchored = refine(now, anchor, step.carried.box);
    step.carried.anchor_match = anchored.correlation;
    if (anchored.correlation > kAnchorTrusted && media::iou(anchored.box, step.carried.box) > 0.6F) {
      step.carried.box = with_steady_size(anchored.box, by_camera);
    }
  } else {
    step.carried.anchor_match = limits.least_anchor_match;
  }
  step.ok = refined.correlation >= limits.least_step_match &&
            step.carried.anchor_match >= limits.least_anchor_match;
  return step;
}

}  // namespace

float visible_share(const Box& box, const LumaPyramid& picture) {
  if (!(box.area() > 0)) return 0;
  return media::intersection(box, {0, 0, picture.width(), picture.height()}).area() / box.area();
}

Path carry(const FrameWindow& window, std::int64_t from, std::int64_t to, const Box& box, Drift drift,
           const std::optional<Patch>& anchor, const CarryLimits& limits) {
  Path path{from, to >= from ? 1 : -1, {}, drift, false};
  if (!(box.width > 1) || !(box.height > 1)) return path;
  const Patch start = anchor ? *anchor : take_patch(window[from].luma, box);
  Box current = box;
  for (std::int64_t i = from; i != to; i += path.direction) {
    const std::int64_t next = i + path.direction;
    const CameraMotion& motion = window[std::max(i, next)].motion;
    if (motion.cut) break;
    const Box by_camera = path.direction > 0 ? motion.forward(current) : motion.backward(current);
    const Step step =
        follow(window[i].luma, window[next].luma, current, by_camera, path.drift, start, limits);
    if (!step.ok) break;
    if (visible_share(step.carried.box, window[next].luma) < kGone) {
      path.left = true;
      break;
    }
    const float most = kMostDrift * std::max(box.width, box.height);
    const auto blend = [&](float old, float fresh) {
      return std::clamp(old + kDriftBlend * (fresh - old), -most, most);
    };
    path.drift = {blend(path.drift.x, step.carried.box.center().x - by_camera.center().x),
                  blend(path.drift.y, step.carried.box.center().y - by_camera.center().y)};
    current = step.carried.box;
    path.boxes.push_back(step.carried);
  }
  return path;
}

}  // namespace sightline::tracking
