#include "sight/faces/five_point_pose.h"

#include <cmath>
#include <limits>
#include <numbers>

#include "sight/faces/alignment.h"

namespace sightline::faces {
namespace {

/// The average face, its sides alike, turned as head_pose() calls facing the camera: the places in space that
/// explain best the detector's points on 1,548 press photographs, given the poses of their meshes.
constexpr std::array<MeshPoint, 5> kAveragePoints = {{{-0.5F, -0.5181F, 0.0638F},
                                                      {0.5F, -0.5181F, 0.0638F},
                                                      {0, 0.0268F, -0.3595F},
                                                      {-0.4086F, 0.5046F, 0.116F},
                                                      {0.4086F, 0.5046F, 0.116F}}};
constexpr float kDegree = std::numbers::pi_v<float> / 180;
/// Beyond, the detector's points say nothing.
constexpr int kMostYaw = 75;
constexpr int kMostPitch = 60;
constexpr int kCoarseStep = 15;
constexpr float kFinestStep = 0.25F;
/// What a turn of 30 degrees of yaw or 20 of pitch counts, in shares of the points' variance.
constexpr float kTurned = 0.002F;

/// Degrees.
struct Turn {
  float yaw = 0;
  float pitch = 0;
};

/// How a turned face is laid over the points, and how badly it fits.
struct Fit {
  Placement placement;
  float cost = std::numeric_limits<float>::infinity();
};

std::array<media::Point, 5> seen_from_the_front(const Turn& turn) {
  const float cy = std::cos(turn.yaw * kDegree);
  const float sy = std::sin(turn.yaw * kDegree);
  const float cp = std::cos(turn.pitch * kDegree);
  const float sp = std::sin(turn.pitch * kDegree);
  std::array<media::Point, 5> places;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const MeshPoint& p = kAveragePoints[i];
    places[i] = {cy * p.x - sy * (cp * p.z - sp * p.y), cp * p.y + sp * p.z};
  }
  return places;
}

Result<Fit> laid_over(const Turn& turn, const std::array<media::Point, 5>& points, float variance) {
  const auto places = seen_from_the_front(turn);
  Fit fit{TRY(align(places, points)), 0};
  for (std::size_t i = 0; i < places.size(); ++i) {
    const media::Point place = fit.placement(places[i]);
    const float x = place.x - points[i].x;
    const float y = place.y - points[i].y;
    fit.cost += (x * x + y * y) / variance;
  }
  const float yaw = turn.yaw / 30;
  const float pitch = turn.pitch / 20;
  fit.cost += kTurned * (yaw * yaw + pitch * pitch);
  return fit;
}

float variance_of(const std::array<media::Point, 5>& points) {
  media::Point mean;
  for (const media::Point& point : points) mean = {mean.x + point.x / 5, mean.y + point.y / 5};
  float sum = 0;
  for (const media::Point& point : points) {
    sum += (point.x - mean.x) * (point.x - mean.x) + (point.y - mean.y) * (point.y - mean.y);
  }
  return sum;
}

Pose pose_of(const Turn& turn, const Placement& placement) {
  const float size = placement.scale();
  const float c = placement.a / size;
  const float s = placement.b / size;
  const float cy = std::cos(turn.yaw * kDegree);
  const float sy = std::sin(turn.yaw * kDegree);
  const float cp = std::cos(turn.pitch * kDegree);
  const float sp = std::sin(turn.pitch * kDegree);
  // Where the turned face's nose and right-hand side point, leaning as it lies in the picture.
  return pose_of_axes({c * sy * cp + s * sp, s * sy * cp - c * sp, -cy * cp}, {c * cy, s * cy, sy});
}

}  // namespace

Result<Pose> five_point_pose(const std::array<media::Point, 5>& points) {
  const float variance = variance_of(points);
  Turn best;
  Fit best_fit;
  const auto try_turn = [&](const Turn& turn) {
    const auto found = laid_over(turn, points, variance);
    if (!found || !(found->cost < best_fit.cost)) return false;
    best = turn;
    best_fit = *found;
    return true;
  };
  for (int yaw = -kMostYaw; yaw <= kMostYaw; yaw += kCoarseStep) {
    for (int pitch = -kMostPitch; pitch <= kMostPitch; pitch += kCoarseStep) {
      try_turn({static_cast<float>(yaw), static_cast<float>(pitch)});
    }
  }
  if (!std::isfinite(best_fit.cost))
    return fail(ErrorKind::invalid_argument, "the face's points are all in one place: they face nowhere");
  for (float step = kCoarseStep / 2.0F; step >= kFinestStep; step /= 2) {
    for (bool better = true; better;) {
      better = false;
      const Turn around = best;
      for (const float yaw : {-step, 0.0F, step}) {
        for (const float pitch : {-step, 0.0F, step}) {
          const Turn turn{around.yaw + yaw, around.pitch + pitch};
          if (std::abs(turn.yaw) > kMostYaw || std::abs(turn.pitch) > kMostPitch) continue;
          better = try_turn(turn) || better;
        }
      }
    }
  }
  return pose_of(best, best_fit.placement);
}

}  // namespace sightline::faces
