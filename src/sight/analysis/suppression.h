#pragma once
// One detection a face: non-maximum suppression.

#include <vector>

#include "sight/analysis/face_detector.h"

namespace sightline::analysis {

/// Sorts by score, best first (equal scores: by place, so that the result never depends on the order given),
/// and drops every face that overlaps a better one by `max_iou` or more.
[[nodiscard]] std::vector<Face> suppress_overlaps(std::vector<Face> faces, float max_iou);

}  // namespace sightline::analysis
