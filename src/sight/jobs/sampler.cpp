#include "sight/jobs/sampler.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace sightline::jobs {
namespace {

/// The tracker places a detected box anew where it knows better, makes small ones larger, and adds what the
/// border cuts off: it stays the same face.
constexpr float kSameFace = 0.5F;
constexpr float kSameFaceWithin = 0.2F;
/// Frames: faces are followed back no further from the one that first shows them.
constexpr std::int64_t kLongestWait = 24;

bool is_same_face(const media::Box& detected, const media::Box& told) {
  const float overlap = media::iou(detected, told);
  if (overlap >= kSameFace) return true;
  const media::Point center = detected.center();
  const bool inside =
      center.x > told.x && center.x < told.right() && center.y > told.y && center.y < told.bottom();
  return inside && detected.area() < told.area() && overlap >= kSameFaceWithin;
}

}  // namespace

std::size_t frames_within(std::int64_t pixels, const media::VideoInfo& info) {
  const std::int64_t each = std::int64_t{info.stored_size.width} * info.stored_size.height;
  return static_cast<std::size_t>(std::max<std::int64_t>(1, pixels / std::max<std::int64_t>(1, each)));
}

Sampler::Sampler(const media::VideoInfo& info, std::chrono::milliseconds interval)
    : time_base_(info.time_base),
      width_(static_cast<float>(info.displayed_size().width)),
      height_(static_cast<float>(info.displayed_size().height)),
      interval_(std::max<std::int64_t>(1, interval.count())),
      most_waiting_(frames_within(kHeldPixels, info)) {}

std::int64_t Sampler::milliseconds(std::int64_t pts) const {
  // In floating point: a hostile clip's times overflow any product of integers.
  const double seconds = static_cast<double>(pts - first_pts_) * time_base_.value();
  return std::llround(std::clamp(seconds * 1000, 0.0, 1e12));
}

SampledFace Sampler::face_of(const tracking::TrackedBox& box,
                             const std::vector<analysis::Face>& detected) const {
  const auto fraction = [&](media::Point point) { return media::Point{point.x / width_, point.y / height_}; };
  SampledFace face;
  face.track = box.track;
  face.box = {box.box.x / width_, box.box.y / height_, box.box.width / width_, box.box.height / height_};
  face.confidence = std::clamp(box.score, 0.0F, 1.0F);
  if (box.origin != tracking::Origin::detected || detected.empty()) return face;
  const auto seen = std::ranges::max_element(
      detected, {}, [&](const analysis::Face& candidate) { return media::iou(candidate.box, box.box); });
  if (!is_same_face(seen->box, box.box)) return face;
  auto& landmarks = face.landmarks.emplace();
  std::ranges::transform(seen->landmarks, landmarks.begin(), fraction);
  return face;
}

bool Sampler::is_complete(const Waiting& waiting) const {
  return frames_ - waiting.since > kLongestWait ||
         std::ranges::none_of(waiting.shot.sample.faces,
                              [&](const SampledFace& face) { return points_.is_hoped_for(face); });
}

std::vector<Shot> Sampler::add(const tracking::CoveredFrame& frame,
                               const std::vector<analysis::Face>& detected) {
  if (frames_++ == 0) first_pts_ = frame.tracks.pts;
  std::set<std::int64_t> tracks;
  for (const tracking::TrackedBox& box : frame.tracks.boxes) tracks.insert(box.track);
  const bool ends = !std::ranges::includes(tracks, running_);
  const bool begins = !std::ranges::includes(running_, tracks);

  Shot shot{{milliseconds(frame.tracks.pts), {}}, frame.frame};
  for (const tracking::TrackedBox& box : frame.tracks.boxes)
    shot.sample.faces.push_back(face_of(box, detected));
  points_.pass(shot.sample.faces);
  const bool due = shot.sample.timestamp_ms >= due_;
  if (due) due_ = (shot.sample.timestamp_ms / interval_ + 1) * interval_;

  if ((held_is_due_ || ends) && !held_.sample.faces.empty()) waiting_.push_back({std::move(held_), frames_});
  held_ = std::move(shot);
  held_is_due_ = due || begins;
  running_ = std::move(tracks);

  for (Waiting& waiting : waiting_) points_.complete(waiting.shot.sample.faces);
  std::vector<Shot> ready;
  while (!waiting_.empty() && (waiting_.size() > most_waiting_ || is_complete(waiting_.front()))) {
    ready.push_back(std::move(waiting_.front().shot));
    waiting_.pop_front();
  }
  return ready;
}

std::vector<Shot> Sampler::finish() {
  std::vector<Shot> ready;
  for (Waiting& waiting : std::exchange(waiting_, {})) ready.push_back(std::move(waiting.shot));
  if (!held_.sample.faces.empty()) ready.push_back(std::exchange(held_, {}));
  return ready;
}

}  // namespace sightline::jobs
