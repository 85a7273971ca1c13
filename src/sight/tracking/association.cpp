#include "sight/tracking/association.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace sightline::tracking {
namespace {
constexpr float kNear = 0.45F;      // centre distance in box sizes that is always near enough
constexpr float kMostRatio = 2.2F;  // of the sizes
}  // namespace

float affinity(const Candidate& expected, const media::Box& detected) {
  const float size_a = std::sqrt(expected.box.area());
  const float size_b = std::sqrt(detected.area());
  if (!(size_a > 0) || !(size_b > 0)) return 0;
  const float ratio = std::max(size_a, size_b) / std::min(size_a, size_b);
  if (ratio > kMostRatio) return 0;
  const float distance = std::hypot(expected.box.center().x - detected.center().x,
                                    expected.box.center().y - detected.center().y) /
                         std::max(size_a, size_b);
  const float allowed = kNear + expected.slack;
  if (distance > allowed) return 0;
  return media::iou(expected.box, detected) + 0.5F * (1 - distance / allowed) + 0.01F;
}

std::vector<std::pair<std::size_t, std::size_t>> associate(std::span<const Candidate> candidates,
                                                           std::span<const media::Box> detections) {
  std::vector<std::tuple<float, std::size_t, std::size_t>> pairs;
  for (std::size_t c = 0; c < candidates.size(); ++c) {
    for (std::size_t d = 0; d < detections.size(); ++d) {
      const float value = affinity(candidates[c], detections[d]);
      if (value > 0) pairs.emplace_back(-value, c, d);
    }
  }
  std::sort(pairs.begin(), pairs.end());
  std::vector<bool> candidate_used(candidates.size());
  std::vector<bool> detection_used(detections.size());
  std::vector<std::pair<std::size_t, std::size_t>> result;
  for (const auto& [value, c, d] : pairs) {
    if (candidate_used[c] || detection_used[d]) continue;
    candidate_used[c] = true;
    detection_used[d] = true;
    result.emplace_back(c, d);
  }
  return result;
}

}  // namespace sightline::tracking
