#pragma once
// CenterFace's four output maps to faces.
//
// Xu et al., "CenterFace: Joint Face Detection and Alignment Using Face as Point", 2019. Every map has one
// cell for 4x4 input pixels: a heat map of face centres; the logarithm of height and width in cells; the
// centre's offset within its cell; ten landmark coordinates (y, x), as fractions of the box from its top left
// corner.

#include <array>
#include <vector>

#include "base/result.h"
#include "sight/analysis/face_detector.h"
#include "sight/inference/session.h"

namespace sightline::analysis {

struct CenterFaceMaps {
  inference::Tensor heat;       ///< 1 x 1 x rows x columns
  inference::Tensor scale;      ///< 1 x 2 x rows x columns
  inference::Tensor offset;     ///< 1 x 2 x rows x columns
  inference::Tensor landmarks;  ///< 1 x 10 x rows x columns
};

/// Every cell above `min_score` as a face in pixels of the network's input; overlapping ones are still there.
/// At most kMaxCandidates, the best. Boxes may reach beyond the input. Errors: unavailable, when the maps'
/// shapes do not belong together (a model that is none of this kind).
[[nodiscard]] Result<std::vector<Face>> decode_centerface(const CenterFaceMaps& maps, float min_score);

inline constexpr std::size_t kMaxCandidates = 20'000;

}  // namespace sightline::analysis
