#pragma once
// Where a head faces, from only the detector's five points: for faces of which no mesh can be had.

#include <array>

#include "base/result.h"
#include "sight/faces/head_pose.h"

namespace sightline::faces {

/// The turn of an average face whose points come to lie closest to these; of two that are as close, the one
/// that faces the camera more. How far that is from the mesh's pose: docs/accuracy/faces.md. Errors:
/// invalid_argument, when the points are not finite or all in one place.
[[nodiscard]] Result<Pose> five_point_pose(const std::array<media::Point, 5>& points);

}  // namespace sightline::faces
