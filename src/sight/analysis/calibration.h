#pragma once
// From a network's raw score to the share of such detections that are right.

#include <utility>
#include <vector>

namespace sightline::analysis {

/// `knots`: pairs (raw, share), rising; linear between, flat outside. Without knots the raw score itself.
[[nodiscard]] float calibrated(const std::vector<std::pair<float, float>>& knots, float raw);

}  // namespace sightline::analysis
