#include "sight/jobs/point_carrier.h"

#include <algorithm>
#include <utility>

namespace sightline::jobs {
namespace {

FivePoints in_shares(const FivePoints& points, const media::Box& box) {
  FivePoints shares;
  std::ranges::transform(points, shares.begin(), [&](const media::Point& point) {
    return media::Point{(point.x - box.x) / box.width, (point.y - box.y) / box.height};
  });
  return shares;
}

FivePoints in_box(const FivePoints& shares, const media::Box& box) {
  FivePoints points;
  std::ranges::transform(shares, points.begin(), [&](const media::Point& share) {
    return media::Point{box.x + share.x * box.width, box.y + share.y * box.height};
  });
  return points;
}

/// Half a box beyond it: further out there is no face.
bool is_near(const media::Point& share) {
  return share.x > -0.5F && share.x < 1.5F && share.y > -0.5F && share.y < 1.5F;
}

void carry(const std::optional<FivePoints>& shares, SampledFace& face) {
  if (face.landmarks || !shares) return;
  face.landmarks = in_box(*shares, face.box);
  face.points = PointsFrom::carried;
}

}  // namespace

void PointCarrier::pass(std::vector<SampledFace>& faces) {
  auto before = std::exchange(in_view_, {});
  for (SampledFace& face : faces) {
    auto& known = in_view_[face.track];
    known = std::move(before[face.track]);
    if (!face.landmarks) {
      carry(known, face);
    } else if (const FivePoints shares = in_shares(*face.landmarks, face.box);
               std::ranges::all_of(shares, is_near)) {
      known = shares;
    }
  }
}

void PointCarrier::complete(std::vector<SampledFace>& faces) const {
  for (SampledFace& face : faces) {
    if (const auto known = in_view_.find(face.track); known != in_view_.end()) carry(known->second, face);
  }
}

bool PointCarrier::is_hoped_for(const SampledFace& face) const {
  return !face.landmarks && in_view_.contains(face.track);
}

}  // namespace sightline::jobs
