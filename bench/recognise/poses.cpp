#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include "recognise/sections.h"
#include "sight/faces/five_point_pose.h"

namespace sightline::bench {
namespace {

class Differences {
 public:
  void add(float difference) { values_.push_back(std::fabs(difference)); }
  [[nodiscard]] std::string text() {
    if (values_.empty()) return "-";
    std::ranges::sort(values_);
    const auto at = [&](double share) {
      return values_[static_cast<std::size_t>(share * static_cast<double>(values_.size() - 1))];
    };
    return fmt::format("{:.1f} ({:.1f})", at(0.5), at(0.9));
  }

 private:
  std::vector<float> values_;
};

struct PoseDifferences {
  Differences roll, yaw, pitch;

  void add(const faces::Pose& pose, const faces::Pose& truth) {
    roll.add(std::remainder(pose.roll - truth.roll, 360.0F));
    yaw.add(pose.yaw - truth.yaw);
    pitch.add(pose.pitch - truth.pitch);
  }
  void print(std::string_view name) {
    fmt::print("| {} | {} | {} | {} |\n", name, roll.text(), yaw.text(), pitch.text());
  }
};

}  // namespace

Result<void> print_poses(const std::filesystem::path& folder, analysis::FaceDetector& detector,
                         faces::FaceMesher& mesher) {
  PoseDifferences one_look;
  PoseDifferences points;
  PoseDifferences points_turned;
  std::array<Differences, 5> places;
  int photos = 0;
  int meshes = 0;
  int first_meshes = 0;
  double looking = 0;
  TRY(for_each_portrait(folder, detector, [&](const auto& picture, const auto& face) -> Result<void> {
    ++photos;
    const auto two = TRY(mesher.fit(picture, face, faces::Looks::two));
    const auto start = std::chrono::steady_clock::now();
    const auto one = TRY(mesher.fit(picture, face, faces::Looks::one));
    looking += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (!two.found_face()) return {};
    ++meshes;
    const faces::Pose truth = faces::head_pose(two);
    const faces::Pose by_points = TRY(faces::five_point_pose(face.landmarks));
    points.add(by_points, truth);
    if (std::fabs(truth.yaw) > 25) points_turned.add(by_points, truth);
    if (!one.found_face()) return {};
    ++first_meshes;
    one_look.add(faces::head_pose(one), truth);
    const auto own = faces::five_points(one);
    const float eyes =
        std::hypot(face.landmarks[1].x - face.landmarks[0].x, face.landmarks[1].y - face.landmarks[0].y);
    for (std::size_t i = 0; i < own.size(); ++i) {
      places[i].add(100 * std::hypot(own[i].x - face.landmarks[i].x, own[i].y - face.landmarks[i].y) / eyes);
    }
    return {};
  }));
  fmt::print("{} photos, {} with a mesh after two looks, {} of them after one, {:.2f} ms a look\n", photos,
             meshes, first_meshes, 1000 * looking / photos);
  fmt::print("Degrees to the pose of two looks, median (9 of 10 below):\n");
  fmt::print("| | roll | yaw | pitch |\n|---|---|---|---|\n");
  one_look.print("one look");
  points.print("five points");
  points_turned.print("five points, turned by more than 25");
  fmt::print("One look's five points to the detector's, % of the distance between the eyes:");
  for (Differences& place : places) fmt::print(" {}", place.text());
  fmt::print("\n");
  return {};
}

}  // namespace sightline::bench
