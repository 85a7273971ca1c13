#pragma once
// The output maps of a single-shot detector (SSDLite) to objects.
//
// Liu et al., "SSD: Single Shot MultiBox Detector", 2016, in the form of the TensorFlow object detection
// models: six levels, each with a map of boxes (4 numbers an anchor: centre y, centre x, height, width) and
// one of scores (a logit a category, 0 being background). The network learned at 300x300 pixels; at other
// sizes its anchors keep their size in pixels.

#include <span>
#include <vector>

#include "base/result.h"
#include "sight/inference/session.h"
#include "sight/media/geometry.h"

namespace sightline::objects {

struct RawObject {
  int kind = 0;    ///< index of kClassNames
  media::Box box;  ///< pixels of the network's input; may reach beyond it
  float score = 0;
};

/// Every score above `min_score`; overlapping objects are still there. At most kMaxCandidates, the best.
/// `maps`: boxes and scores in turn, level by level, planes (1 x channels x rows x columns). Errors:
/// unavailable, when the maps' shapes do not belong together (a model that is none of this kind).
[[nodiscard]] Result<std::vector<RawObject>> decode_ssd(std::span<const inference::Tensor> maps,
                                                        media::Size input, float min_score);

/// Best first (equal scores: by kind and place, so that the order given never matters), without those that
/// overlap a better one of the same kind by `max_iou` or more.
[[nodiscard]] std::vector<RawObject> suppress_overlaps(std::vector<RawObject> objects, float max_iou);

inline constexpr std::size_t kLevels = 6;
inline constexpr std::size_t kMaxCandidates = 5'000;

}  // namespace sightline::objects
