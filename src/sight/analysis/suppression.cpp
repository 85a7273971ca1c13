#include "sight/analysis/suppression.h"

#include <algorithm>
#include <tuple>

namespace sightline::analysis {

std::vector<Face> suppress_overlaps(std::vector<Face> faces, float max_iou) {
  std::ranges::sort(faces, [](const Face& a, const Face& b) {
    return std::tuple(-a.score, a.box.y, a.box.x, a.box.width, a.box.height) <
           std::tuple(-b.score, b.box.y, b.box.x, b.box.width, b.box.height);
  });
  std::vector<Face> kept;
  for (const Face& face : faces) {
    const auto overlaps = [&](const Face& better) { return media::iou(better.box, face.box) >= max_iou; };
    if (std::ranges::none_of(kept, overlaps)) kept.push_back(face);
  }
  return kept;
}

}  // namespace sightline::analysis
