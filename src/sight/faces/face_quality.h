#pragma once
// How well a face can be seen, and whether that is enough to recognise it.

#include <optional>
#include <vector>

#include "base/result.h"
#include "sight/analysis/face_detector.h"
#include "sight/faces/head_pose.h"
#include "sight/media/raster.h"

namespace sightline::faces {

/// 0..100 each.
struct Quality {
  float brightness = 0;  ///< square root of the mean luma between brows and mouth: even to the eye
  /// Of the detail that a face of 56 pixels between the eyes can show: half is reached by a face with some 14
  /// pixels between the eyes or one that is blurred by a pixel. Noise counts as detail.
  float sharpness = 0;
};

/// Errors: invalid_argument, when the landmarks are all in one place.
[[nodiscard]] Result<Quality> measure_quality(const media::RgbImage& picture, const analysis::Face& face);

/// What a face must reach to be enrolled or searched for.
enum class QualityBar { none, low, medium, high };

enum class Weakness { small_box, low_confidence, extreme_pose, low_brightness, low_sharpness };

/// Every way in which the face stays below the bar; none under QualityBar::none. No pose (the mesh found no
/// face) counts as an extreme one, no quality as none.
[[nodiscard]] std::vector<Weakness> weaknesses(const analysis::Face& face, const std::optional<Pose>& pose,
                                               const std::optional<Quality>& quality, QualityBar bar);

}  // namespace sightline::faces
