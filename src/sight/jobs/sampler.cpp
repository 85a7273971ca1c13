#include "sight/jobs/sampler.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace sightline::jobs {
namespace {

/// The tracker places a detected box anew where it knows better; it stays the same face.
constexpr float kSameFace = 0.5F;

}  // namespace

Sampler::Sampler(const media::VideoInfo& info, std::chrono::milliseconds interval)
    : time_base_(info.time_base),
      width_(static_cast<float>(info.displayed_size().width)),
      height_(static_cast<float>(info.displayed_size().height)),
      interval_(std::max<std::int64_t>(1, interval.count())) {}

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
  if (media::iou(seen->box, box.box) < kSameFace) return face;
  auto& landmarks = face.landmarks.emplace();
  std::ranges::transform(seen->landmarks, landmarks.begin(), fraction);
  return face;
}

std::optional<FrameSample> Sampler::add(const tracking::FrameTracks& frame,
                                        const std::vector<analysis::Face>& detected) {
  if (frames_++ == 0) first_pts_ = frame.pts;
  std::set<std::int64_t> tracks;
  for (const tracking::TrackedBox& box : frame.boxes) tracks.insert(box.track);
  const bool ends = !std::ranges::includes(tracks, running_);
  const bool begins = !std::ranges::includes(running_, tracks);

  FrameSample sample{milliseconds(frame.pts), {}};
  for (const tracking::TrackedBox& box : frame.boxes) sample.faces.push_back(face_of(box, detected));
  const bool due = sample.timestamp_ms >= due_;
  if (due) due_ = (sample.timestamp_ms / interval_ + 1) * interval_;

  std::optional<FrameSample> ready;
  if ((held_is_due_ || ends) && !held_.faces.empty()) ready = std::move(held_);
  held_ = std::move(sample);
  held_is_due_ = due || begins;
  running_ = std::move(tracks);
  return ready;
}

std::optional<FrameSample> Sampler::finish() {
  if (held_.faces.empty()) return std::nullopt;
  return std::exchange(held_, {});
}

}  // namespace sightline::jobs
