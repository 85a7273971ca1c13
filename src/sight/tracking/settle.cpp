#include "sight/tracking/settle.h"

#include <algorithm>
#include <cmath>

#include "sight/tracking/association.h"

namespace sightline::tracking {
namespace {

using media::Box;

constexpr float kDetectorSide = 1280;  // of the largest picture that a usual detection looks at
constexpr float kAgree = 0.4F;         // IoU of the two ways at which they are the same place
constexpr float kUsualShape = 0.78F;   // width of a face over its height
constexpr float kLeastSlack = 0.05F;
constexpr float kSureScore = 0.7F;  // raw score from which boxes do not get better
constexpr float kSlackOfDoubt = 0.2F;
constexpr float kSlackAFrame = 0.002F;
constexpr float kMostCarriedSlack = 0.1F;
constexpr float kCoverBelow = 0.02F;
constexpr float kCoverPixels = 0.8F;
constexpr float kSameLook = 0.8F;    // correlation with the anchor at which a way is beyond doubt
constexpr float kSteady = 0.65F;     // share of what is known that outweighs a new box
constexpr float kSteadyFrames = 5;   // carried further it weighs less
constexpr float kSteadyLook = 0.3F;  // correlation with the anchor
constexpr float kSteadyOverlap = 0.3F;
constexpr float kMostEvidence = 2;
constexpr float kArrives = 0.7F;  // IoU of its end with the detection
constexpr float kFade = 0.985F;
constexpr float kPatience = 25;  // frames for a raw score of 1
constexpr std::int64_t kLeastPatience = 6;
constexpr std::int64_t kMostPatience = 48;
constexpr std::int64_t kMostWeakPatience = 8;
constexpr float kNeverSure = 0.45F;
constexpr float kUnionLimit = 2.5F;  // of the larger box: beyond it the union would paint too much

Box mixed(const Box& a, const Box& b, float share_of_b) {
  const auto mix = [&](float x, float y) { return x + share_of_b * (y - x); };
  return {mix(a.x, b.x), mix(a.y, b.y), mix(a.width, b.width), mix(a.height, b.height)};
}

Box hull(const Box& a, const Box& b) {
  const float x = std::min(a.x, b.x);
  const float y = std::min(a.y, b.y);
  return {x, y, std::max(a.right(), b.right()) - x, std::max(a.bottom(), b.bottom()) - y};
}

/// A straight line between two boxes, relative to the camera's motion.
Box on_line(const FrameWindow& window, const Box& start, std::int64_t from, const Box& end, std::int64_t to,
            std::int64_t index) {
  const float share = static_cast<float>(index - from) / static_cast<float>(to - from);
  return mixed(window.moved(start, from, index), window.moved(end, to, index), share);
}

}  // namespace

Box completed(const Box& detected, const LumaPyramid& picture) {
  Box box = detected;
  const float reach = std::max(1.5F, 0.03F * std::sqrt(detected.area()));
  const float missing_x = kUsualShape * box.height - box.width;
  if (missing_x > 0 && box.x < reach) {
    box.x -= missing_x;
    box.width += missing_x;
  } else if (missing_x > 0 && box.right() > picture.width() - reach) {
    box.width += missing_x;
  }
  const float missing_y = detected.width / kUsualShape - detected.height;
  if (missing_y > 0 && detected.y < reach) {
    box.y -= missing_y;
    box.height += missing_y;
  } else if (missing_y > 0 && detected.bottom() > picture.height() - reach) {
    box.height += missing_y;
  }
  return box;
}

Box covering(const Box& box, float slack, float detector_pixel) {
  const float pixels = kCoverPixels * detector_pixel;
  const float side = slack * box.width + pixels;
  const float above = slack * box.height + pixels;
  const float below = (slack + kCoverBelow) * box.height + pixels;
  return {box.x - side, box.y - above, box.width + 2 * side, box.height + above + below};
}

float detector_pixel(const LumaPyramid& picture) {
  return std::max(1.0F, std::max(picture.width(), picture.height()) / kDetectorSide);
}

float slack_of(const analysis::Face& face) {
  return kLeastSlack + kSlackOfDoubt * std::max(0.0F, kSureScore - face.score);
}

float carried_slack(float slack) {
  return std::max(slack, std::min(kMostCarriedSlack, slack + kSlackAFrame));
}

float faded(float confidence, std::int64_t frames) {
  return confidence * std::pow(kFade, static_cast<float>(std::max<std::int64_t>(0, frames)));
}

std::int64_t patience_of(const FaceTrack& track, int max_stride) {
  const auto patience = static_cast<std::int64_t>(kPatience * track.evidence);
  // At least until the next look. What the detector was never sure of may be a thing that stays where it is
  // for ever.
  const std::int64_t least = std::max<std::int64_t>(kLeastPatience, max_stride + 1);
  const std::int64_t most_weak = std::max<std::int64_t>(kMostWeakPatience, max_stride * 8 / 5);
  return std::clamp(patience, least, track.best_score < kNeverSure ? most_weak : kMostPatience);
}

Box steadied(const Box& detected, float score, const Path& ahead, std::int64_t to, float evidence) {
  const CarriedBox* carried = ahead.at(to);
  if (carried == nullptr || carried->anchor_match < kSteadyLook ||
      media::iou(carried->box, detected) < kSteadyOverlap)
    return detected;
  const float past = std::min(kMostEvidence, evidence);
  const auto frames = static_cast<float>(std::abs(to - ahead.from));
  const float share = kSteady * std::min(1.0F, kSteadyFrames / frames) * past / (past + score);
  const Box& before = carried->box;
  const float width = detected.width * std::pow(before.width / detected.width, share);
  const float height = detected.height * std::pow(before.height / detected.height, share);
  const float x = detected.center().x + share * (before.center().x - detected.center().x);
  const float y = detected.center().y + share * (before.center().y - detected.center().y);
  return {x - width / 2, y - height / 2, width, height};
}

bool arrives(const Path& ahead, std::int64_t to, const Box& detected) {
  const CarriedBox* end = ahead.at(to);
  return end != nullptr && end->anchor_match > kSameLook && media::iou(end->box, detected) > kArrives;
}

TrackState between(const FrameWindow& window, const TrackState& start, std::int64_t from,
                   const analysis::Face& face, std::int64_t to, const Path& ahead, const Path& back,
                   std::int64_t index) {
  const float share = static_cast<float>(index - from) / static_cast<float>(to - from);
  const float score = std::max(faded(start.score, index - from), faded(face.confidence, to - index));
  const float slack = start.slack + share * (slack_of(face) - start.slack);
  const CarriedBox* forward = ahead.at(index);
  const CarriedBox* backward = back.at(index);
  if (forward == nullptr && backward == nullptr) {
    const std::int64_t a = ahead.reached();
    const std::int64_t b = back.reached();
    const Box& box_a = ahead.box_at(a, start.box);
    const Box& box_b = back.box_at(b, face.box);
    return {media::grown(on_line(window, box_a, a, box_b, b, index), kGuessGrowth), score,
            Origin::interpolated, false, slack};
  }
  if (forward != nullptr && back.boxes.empty() && arrives(ahead, to, face.box)) {
    // What is missing at the end is spread over the way.
    const Box& end = ahead.box_at(to, face.box);
    const Box& now = forward->box;
    return {{now.x + share * (face.box.x - end.x), now.y + share * (face.box.y - end.y),
             now.width * std::pow(face.box.width / end.width, share),
             now.height * std::pow(face.box.height / end.height, share)},
            score,
            Origin::tracked,
            false,
            slack};
  }
  if (forward == nullptr || backward == nullptr) {
    // One way was lost: the other is trusted, and so is the line where the two ends lie close.
    const Box& sure = forward != nullptr ? forward->box : backward->box;
    const Box line = on_line(window, start.box, from, face.box, to, index);
    const Box both = hull(sure, line);
    const bool fits = both.area() < kUnionLimit * std::max(sure.area(), line.area());
    return {media::iou(sure, line) > kAgree || !fits ? sure : both, score, Origin::tracked, false, slack};
  }
  if (media::iou(forward->box, backward->box) > kAgree) {
    return {mixed(forward->box, backward->box, share), score, Origin::tracked, false, slack};
  }
  const Box both = hull(forward->box, backward->box);
  if (both.area() < kUnionLimit * std::max(forward->box.area(), backward->box.area())) {
    return {both, score, Origin::tracked, false, slack};
  }
  const bool trust_forward = share < 0.5F;
  return {trust_forward ? forward->box : backward->box, score, Origin::tracked, false, slack};
}

Drift drift_from(const FrameWindow& window, const FaceTrack& track, std::int64_t from, std::int64_t to) {
  const Box by_camera = window.moved(track.at(from).box, from, to);
  const Box& now = track.at(to).box;
  const auto frames = static_cast<float>(std::max<std::int64_t>(1, to - from));
  return {(now.center().x - by_camera.center().x) / frames, (now.center().y - by_camera.center().y) / frames};
}

Drift drift_from_path(const FrameWindow& window, const Path& back, const Box& box) {
  if (back.boxes.empty()) return {};
  const std::int64_t frames = std::min<std::int64_t>(4, static_cast<std::int64_t>(back.boxes.size()));
  const Box earlier = window.moved(back.box_at(back.from - frames, box), back.from - frames, back.from);
  const auto count = static_cast<float>(frames);
  return {(box.center().x - earlier.center().x) / count, (box.center().y - earlier.center().y) / count};
}

std::optional<Meeting> meet(const FrameWindow& window, const FaceTrack& track, const Path& back,
                            const Box& detected) {
  const std::int64_t reached = back.reached();
  if (track.last_held >= reached) {
    // Both know some frames: they must agree in the latest of them.
    const std::int64_t index = std::min(track.last_held, back.from);
    if (!track.covers(index)) return std::nullopt;
    const float value = affinity({track.at(index).box, 0}, back.box_at(index, detected));
    if (!(value > 0)) return std::nullopt;
    return Meeting{index, index + 1, value + 1};
  }
  if (!track.covers(track.last_held)) return std::nullopt;
  const auto gap = static_cast<float>(reached - track.last_held);
  Box expected = window.moved(track.at(track.last_held).box, track.last_held, reached);
  const float ahead = std::min(gap, 6.0F);  // drift is believed for a few frames only
  expected.x += track.drift.x * ahead;
  expected.y += track.drift.y * ahead;
  const float slack = std::min(0.25F + 0.08F * gap, 1.2F);
  const float value = affinity({expected, slack}, back.box_at(reached, detected));
  if (!(value > 0)) return std::nullopt;
  return Meeting{track.last_held, reached, value};
}

void bridge(const FrameWindow& window, FaceTrack& track, std::int64_t first_new, const Path& back,
            const analysis::Face& face, std::int64_t key) {
  const std::int64_t last = track.last();
  const Box from = track.at(last).box;
  const float score = track.at(last).score;
  const float slack = std::max(track.at(last).slack, slack_of(face));
  const Box target = first_new >= key ? face.box : back.box_at(first_new, face.box);
  const std::int64_t meeting = std::min(first_new, key);
  for (std::int64_t i = last + 1; i < meeting; ++i) {
    const Box box = on_line(window, from, last, target, meeting, i);
    const std::int64_t away = std::min(i - last, meeting - i);
    const float growth = std::min(0.25F, kGuessGrowth * static_cast<float>(away));
    track.append({media::grown(box, growth), faded(std::max(score, face.confidence), away),
                  Origin::interpolated, false, slack});
  }
  for (std::int64_t i = std::max(first_new, last + 1); i < key; ++i) {
    track.append(
        {back.box_at(i, face.box), faded(face.confidence, key - i), Origin::tracked, false, slack_of(face)});
  }
  if (track.last() < key) track.append({face.box, face.confidence, Origin::detected, false, slack_of(face)});
}

}  // namespace sightline::tracking
