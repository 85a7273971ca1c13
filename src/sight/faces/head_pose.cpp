#include "sight/faces/head_pose.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace sightline::faces {
namespace {

struct Anchor {
  std::size_t point;
  MeshPoint place;  ///< on the average face: facing the camera, sides alike, of no particular size
};

/// The mean of the meshes of 1,500 press photographs, turned upright and made symmetric. Its pitch is theirs
/// in the median: people look into cameras.
constexpr std::array<Anchor, 20> kAverageFace = {{
    {10, {0, -0.2045F, -0.0895F}},         {151, {0, -0.1447F, -0.1005F}},
    {9, {0, -0.0791F, -0.1086F}},          {168, {0, -0.0251F, -0.1009F}},
    {6, {0, 0.0014F, -0.1154F}},           {1, {0, 0.1295F, -0.1687F}},
    {4, {0, 0.1063F, -0.1765F}},           {2, {0, 0.1507F, -0.1138F}},
    {33, {-0.1593F, -0.0125F, -0.0227F}},  {263, {0.1593F, -0.0125F, -0.0227F}},
    {133, {-0.0623F, -0.0077F, -0.0413F}}, {362, {0.0623F, -0.0077F, -0.0413F}},
    {127, {-0.2503F, -0.0018F, 0.1489F}},  {356, {0.2503F, -0.0018F, 0.1489F}},
    {234, {-0.2476F, 0.0505F, 0.1661F}},   {454, {0.2476F, 0.0505F, 0.1661F}},
    {93, {-0.2446F, 0.1038F, 0.1691F}},    {323, {0.2446F, 0.1038F, 0.1691F}},
    {21, {-0.235F, -0.0995F, 0.0669F}},    {251, {0.235F, -0.0995F, 0.0669F}},
}};

using Matrix4 = std::array<std::array<double, 4>, 4>;
using Quaternion = std::array<double, 4>;

/// The eigenvector of the largest eigenvalue of a symmetric matrix, by Jacobi's rotations.
Quaternion principal_vector(Matrix4 m) {
  Matrix4 vectors{};
  for (std::size_t i = 0; i < 4; ++i) vectors[i][i] = 1;
  for (int sweep = 0; sweep < 16; ++sweep) {
    for (std::size_t p = 0; p < 4; ++p) {
      for (std::size_t q = p + 1; q < 4; ++q) {
        if (std::abs(m[p][q]) < 1e-15) continue;
        const double theta = (m[q][q] - m[p][p]) / (2 * m[p][q]);
        const double t = std::copysign(1.0, theta) / (std::abs(theta) + std::sqrt(theta * theta + 1));
        const double c = 1 / std::sqrt(t * t + 1);
        const double s = t * c;
        for (std::size_t k = 0; k < 4; ++k) {
          const double kp = m[k][p];
          const double kq = m[k][q];
          m[k][p] = c * kp - s * kq;
          m[k][q] = s * kp + c * kq;
        }
        for (std::size_t k = 0; k < 4; ++k) {
          const double pk = m[p][k];
          const double qk = m[q][k];
          m[p][k] = c * pk - s * qk;
          m[q][k] = s * pk + c * qk;
          const double vp = vectors[k][p];
          const double vq = vectors[k][q];
          vectors[k][p] = c * vp - s * vq;
          vectors[k][q] = s * vp + c * vq;
        }
      }
    }
  }
  std::size_t largest = 0;
  for (std::size_t i = 1; i < 4; ++i)
    if (m[i][i] > m[largest][largest]) largest = i;
  return {vectors[0][largest], vectors[1][largest], vectors[2][largest], vectors[3][largest]};
}

/// w, x, y, z of the rotation from the average face to the mesh.
Quaternion rotation_to(const Mesh& mesh) {
  MeshPoint center;
  for (const Anchor& anchor : kAverageFace) {
    const MeshPoint& p = mesh.points[anchor.point];
    center = {center.x + p.x / kAverageFace.size(), center.y + p.y / kAverageFace.size(),
              center.z + p.z / kAverageFace.size()};
  }
  std::array<std::array<double, 3>, 3> s{};
  for (const Anchor& anchor : kAverageFace) {
    const MeshPoint& p = mesh.points[anchor.point];
    const std::array<double, 3> from = {anchor.place.x, anchor.place.y, anchor.place.z};
    const std::array<double, 3> to = {p.x - center.x, p.y - center.y, p.z - center.z};
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t k = 0; k < 3; ++k) s[i][k] += from[i] * to[k];
  }
  // Scaled to about 1, so that principal_vector's limits hold whatever the face's size.
  double largest = 1e-30;
  for (const auto& row : s)
    for (const double value : row) largest = std::max(largest, std::abs(value));
  for (auto& row : s)
    for (double& value : row) value /= largest;
  const Matrix4 n = {
      {{s[0][0] + s[1][1] + s[2][2], s[1][2] - s[2][1], s[2][0] - s[0][2], s[0][1] - s[1][0]},
       {s[1][2] - s[2][1], s[0][0] - s[1][1] - s[2][2], s[0][1] + s[1][0], s[2][0] + s[0][2]},
       {s[2][0] - s[0][2], s[0][1] + s[1][0], s[1][1] - s[0][0] - s[2][2], s[1][2] + s[2][1]},
       {s[0][1] - s[1][0], s[2][0] + s[0][2], s[1][2] + s[2][1], s[2][2] - s[0][0] - s[1][1]}}};
  return principal_vector(n);
}

float degrees(double radians) {
  return static_cast<float>(radians * 180 / std::numbers::pi);
}

}  // namespace

Pose pose_of_axes(const std::array<double, 3>& forward, const std::array<double, 3>& rightward) {
  const double yaw = std::atan2(forward[0], -forward[2]);
  const double pitch = std::asin(std::clamp(-forward[1], -1.0, 1.0));
  // The face turned back by its yaw, so that what is left of the side's slope is roll.
  const double level = rightward[0] * std::cos(yaw) + rightward[2] * std::sin(yaw);
  return {degrees(std::atan2(rightward[1], level)), degrees(yaw), degrees(pitch)};
}

Pose head_pose(const Mesh& mesh) {
  const auto [w, x, y, z] = rotation_to(mesh);
  // Where the nose points, which is (0, 0, -1) on the average face, and where its right-hand side does.
  const std::array<double, 3> forward = {-2 * (x * z + w * y), -2 * (y * z - w * x),
                                         -(1 - 2 * (x * x + y * y))};
  const std::array<double, 3> rightward = {1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)};
  return pose_of_axes(forward, rightward);
}

}  // namespace sightline::faces
