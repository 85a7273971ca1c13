#include "sight/faces/face_mesh.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sight/analysis/calibration.h"
#include "sight/faces/alignment.h"

namespace sightline::faces {
namespace {

constexpr int kMeshInput = 192;
/// The square that the network looks at, over the larger side of the face in it.
constexpr float kMeshRoom = 1.5F;

/// A square around the face, upright with it.
struct Area {
  media::Point center;
  float side = 0;
  float angle = 0;  ///< of the line through the eyes, clockwise, in radians
};

Placement placement_of(const Area& area) {
  const float scale = area.side / static_cast<float>(kMeshInput);
  const float a = scale * std::cos(area.angle);
  const float b = scale * std::sin(area.angle);
  const float half = static_cast<float>(kMeshInput) / 2;
  return {a, b, area.center.x - (a - b) * half, area.center.y - (b + a) * half};
}

float angle_between(const media::Point& left, const media::Point& right) {
  return std::atan2(right.y - left.y, right.x - left.x);
}

Area area_of(const analysis::Face& face) {
  return {face.box.center(), kMeshRoom * std::max(face.box.width, face.box.height),
          angle_between(face.landmarks[0], face.landmarks[1])};
}

Area area_of(const Mesh& mesh) {
  Area area;
  area.angle = angle_between(mesh.points[33].flat(), mesh.points[263].flat());
  const float c = std::cos(area.angle);
  const float s = std::sin(area.angle);
  float left = INFINITY;
  float right = -INFINITY;
  float top = INFINITY;
  float bottom = -INFINITY;
  for (const MeshPoint& point : mesh.points) {
    const float x = c * point.x + s * point.y;
    const float y = c * point.y - s * point.x;
    left = std::min(left, x);
    right = std::max(right, x);
    top = std::min(top, y);
    bottom = std::max(bottom, y);
  }
  const float x = (left + right) / 2;
  const float y = (top + bottom) / 2;
  area.center = {c * x - s * y, s * x + c * y};
  area.side = kMeshRoom * std::max(right - left, bottom - top);
  return area;
}

bool is_sound(const Area& area, media::Size picture) {
  const float limit = 16.0F * static_cast<float>(std::max(picture.width, picture.height));
  return area.side > 0 && area.side < limit && std::abs(area.center.x) < limit &&
         std::abs(area.center.y) < limit && std::isfinite(area.angle);
}

class MediapipeMesher final : public FaceMesher {
 public:
  MediapipeMesher(inference::Runtime& runtime, inference::ModelManifest model, std::filesystem::path weights)
      : runtime_(runtime), model_(std::move(model)), weights_(std::move(weights)) {}

  Result<void> make_ready() override {
    TRY(session());
    return {};
  }

  Result<Mesh> fit(const media::RgbImage& picture, const analysis::Face& face, Looks looks) override {
    Area area = area_of(face);
    if (picture.size.width < 1 || picture.size.height < 1 || !is_sound(area, picture.size))
      return fail(ErrorKind::invalid_argument, "the face lies nowhere in the picture");
    Mesh mesh = TRY(look(picture, area));
    if (looks == Looks::one || !mesh.found_face()) return mesh;
    area = area_of(mesh);
    if (!is_sound(area, picture.size)) return mesh;
    return look(picture, area);
  }

  float mouth_open(const Mesh& mesh) const override {
    const auto& p = mesh.points;
    const float gap = distance(p[13], p[14]) + distance(p[81], p[178]) + distance(p[311], p[402]);
    const float width = distance(p[61], p[291]);
    const auto knots = model_.class_calibration.find("mouth_open");
    if (knots == model_.class_calibration.end() || !(width > 0)) return 0.5F;
    return analysis::calibrated(knots->second, gap / 3 / width);
  }

 private:
  Result<std::shared_ptr<inference::Session>> session() {
    return runtime_.rgb_session(weights_, model_.sha256, kMeshInput, kMeshInput, model_.input);
  }

  Result<Mesh> look(const media::RgbImage& picture, const Area& area) {
    const auto session = TRY(this->session());
    const Placement to_picture = placement_of(area);
    const media::RgbImage part = chip(picture, to_picture, kMeshInput);
    const auto lease = session->lease();
    std::ranges::copy(part.pixels, lease->input().begin());
    TRY(lease->run());
    if (session->output_count() < 2 || lease->output(0).data.size() != kMeshPoints * 3 ||
        lease->output(1).data.size() != 1)
      return fail(ErrorKind::unavailable,
                  fmt::format("{}: no mesh of {} points; run `sightline models verify`", weights_.string(),
                              kMeshPoints));
    const std::span<const float> values = lease->output(0).data;
    const float scale = to_picture.scale();
    Mesh mesh;
    for (std::size_t i = 0; i < kMeshPoints; ++i) {
      const media::Point place = to_picture({values[3 * i], values[3 * i + 1]});
      mesh.points[i] = {place.x, place.y, values[3 * i + 2] * scale};
    }
    mesh.presence = 1 / (1 + std::exp(-lease->output(1).data[0]));
    return mesh;
  }

  inference::Runtime& runtime_;
  const inference::ModelManifest model_;
  const std::filesystem::path weights_;
};

}  // namespace

float distance(const MeshPoint& a, const MeshPoint& b) {
  return std::hypot(a.x - b.x, a.y - b.y, a.z - b.z);
}

std::array<media::Point, 5> five_points(const Mesh& mesh) {
  const auto between = [&](std::size_t a, std::size_t b) {
    const MeshPoint& p = mesh.points[a];
    const MeshPoint& q = mesh.points[b];
    return media::Point{(p.x + q.x) / 2, (p.y + q.y) / 2};
  };
  return {between(33, 133), between(362, 263), mesh.points[4].flat(), mesh.points[61].flat(),
          mesh.points[291].flat()};
}

Result<std::unique_ptr<FaceMesher>> FaceMesher::create(inference::Runtime& runtime,
                                                       const inference::ModelStore& models,
                                                       std::string_view model) {
  auto manifest = TRY(models.find(model));
  auto weights = TRY(models.weights(manifest));
  return create(runtime, std::move(manifest), std::move(weights));
}

Result<std::unique_ptr<FaceMesher>> FaceMesher::create(inference::Runtime& runtime,
                                                       inference::ModelManifest model,
                                                       std::filesystem::path weights) {
  if (model.task != "face-mesh" || model.decoder != "mediapipe-face-mesh")
    return fail(
        ErrorKind::unsupported,
        fmt::format(
            "model '{}' (task {}, decoder {}) gives no face mesh here; its manifest must say face-mesh "
            "and mediapipe-face-mesh",
            model.name, model.task, model.decoder));
  return std::make_unique<MediapipeMesher>(runtime, std::move(model), std::move(weights));
}

}  // namespace sightline::faces
