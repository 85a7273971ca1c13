#include "sight/analysis/calibration.h"

#include <algorithm>

namespace sightline::analysis {

float calibrated(const std::vector<std::pair<float, float>>& knots, float raw) {
  if (knots.empty()) return std::clamp(raw, 0.0F, 1.0F);
  const auto above = std::ranges::upper_bound(knots, raw, {}, &std::pair<float, float>::first);
  if (above == knots.begin()) return knots.front().second;
  if (above == knots.end()) return knots.back().second;
  const auto& [raw0, share0] = *(above - 1);
  const auto& [raw1, share1] = *above;
  return share0 + (share1 - share0) * (raw - raw0) / (raw1 - raw0);
}

}  // namespace sightline::analysis
