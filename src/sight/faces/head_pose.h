#pragma once
// Where a head faces.

#include <array>

#include "sight/faces/face_mesh.h"

namespace sightline::faces {

/// Degrees. Upright and facing the camera is 0, 0, 0.
struct Pose {
  float roll = 0;   ///< leaning clockwise in the picture is positive
  float yaw = 0;    ///< turned to the viewer's right is positive
  float pitch = 0;  ///< looking up is positive
};

/// Of a head whose nose points `forward` and whose right-hand side, as the viewer sees it, `rightward`: unit
/// vectors, x to the right, y down, z away from the viewer.
[[nodiscard]] Pose pose_of_axes(const std::array<double, 3>& forward, const std::array<double, 3>& rightward);

/// The rotation that brings an average face to the mesh by least squares (Horn, "Closed-form solution of
/// absolute orientation using unit quaternions", 1987), over points that no expression moves.
[[nodiscard]] Pose head_pose(const Mesh& mesh);

}  // namespace sightline::faces
