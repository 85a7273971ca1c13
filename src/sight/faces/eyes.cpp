#include "sight/faces/eyes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sight/analysis/calibration.h"
#include "sight/faces/alignment.h"

namespace sightline::faces {
namespace {

constexpr int kEyeInput = 64;
/// The square that the network looks at, over the width of the eye.
constexpr float kEyeRoom = 2.3F;
constexpr std::size_t kContourValues = 71 * 3;
constexpr std::size_t kIrisValues = 5 * 3;
/// Of the contour: points on the lower lid from the outer to the inner corner, and those above them.
constexpr std::size_t kOuterCorner = 0;
constexpr std::size_t kInnerCorner = 8;
constexpr std::array<std::pair<std::size_t, std::size_t>, 5> kLids = {
    {{2, 10}, {3, 11}, {4, 12}, {5, 13}, {6, 14}}};

/// The network knows the viewer's left eye; the other one is shown to it mirrored.
enum class Side { left, right };

media::Point middle(const media::Point& a, const media::Point& b) {
  return {(a.x + b.x) / 2, (a.y + b.y) / 2};
}

float distance(const media::Point& a, const media::Point& b) {
  return std::hypot(a.x - b.x, a.y - b.y);
}

Placement placement_of(const Mesh& mesh, const media::Point& outer, const media::Point& inner) {
  const float angle =
      std::atan2(mesh.points[263].y - mesh.points[33].y, mesh.points[263].x - mesh.points[33].x);
  const float scale = kEyeRoom * distance(outer, inner) / static_cast<float>(kEyeInput);
  const float a = scale * std::cos(angle);
  const float b = scale * std::sin(angle);
  const media::Point center = middle(outer, inner);
  const float half = static_cast<float>(kEyeInput) / 2;
  return {a, b, center.x - (a - b) * half, center.y - (b + a) * half};
}

Eye eye_of(std::span<const float> contour, const media::Point& iris, const Placement& to_picture, Side side) {
  const auto at = [&](std::size_t i) { return media::Point{contour[3 * i], contour[3 * i + 1]}; };
  const media::Point outer = at(kOuterCorner);
  const media::Point inner = at(kInnerCorner);
  const float width = std::max(distance(outer, inner), 1e-3F);
  const media::Point along{(inner.x - outer.x) / width, (inner.y - outer.y) / width};
  const media::Point from_middle{iris.x - middle(outer, inner).x, iris.y - middle(outer, inner).y};
  Eye eye;
  eye.width = width * to_picture.scale();
  for (const auto& [below, above] : kLids)
    eye.openness += distance(at(below), at(above)) / kLids.size() / width;
  const float inward = (from_middle.x * along.x + from_middle.y * along.y) / width;
  eye.rightward = side == Side::left ? inward : -inward;
  eye.downward = (from_middle.y * along.x - from_middle.x * along.y) / width;
  const float x = side == Side::left ? iris.x : static_cast<float>(kEyeInput) - iris.x;
  eye.pupil = to_picture({x, iris.y});
  return eye;
}

class MediapipeEyeReader final : public EyeReader {
 public:
  MediapipeEyeReader(inference::Runtime& runtime, inference::ModelManifest model,
                     std::filesystem::path weights)
      : runtime_(runtime), model_(std::move(model)), weights_(std::move(weights)) {}

  Result<void> make_ready() override {
    TRY(session());
    return {};
  }

  Result<Eyes> read(const media::RgbImage& picture, const Mesh& mesh) override {
    return Eyes{TRY(look(picture, mesh, mesh.points[33].flat(), mesh.points[133].flat(), Side::left)),
                TRY(look(picture, mesh, mesh.points[263].flat(), mesh.points[362].flat(), Side::right))};
  }

  float open(const Eyes& eyes) const override {
    const auto knots = model_.class_calibration.find("eyes_open");
    if (knots == model_.class_calibration.end()) return 0.5F;
    return analysis::calibrated(knots->second, (eyes.left.openness + eyes.right.openness) / 2);
  }

 private:
  Result<std::shared_ptr<inference::Session>> session() {
    return runtime_.rgb_session(weights_, model_.sha256, kEyeInput, kEyeInput, model_.input);
  }

  Result<Eye> look(const media::RgbImage& picture, const Mesh& mesh, const media::Point& outer,
                   const media::Point& inner, Side side) {
    const Placement to_picture = placement_of(mesh, outer, inner);
    if (!(to_picture.scale() > 0) || !std::isfinite(to_picture.tx) || !std::isfinite(to_picture.ty))
      return fail(ErrorKind::invalid_argument, "the eye lies nowhere in the picture");
    const auto session = TRY(this->session());
    media::RgbImage part = chip(picture, to_picture, kEyeInput);
    if (side == Side::right) part = mirrored(part);
    const auto lease = session->lease();
    std::ranges::copy(part.pixels, lease->input().begin());
    TRY(lease->run());
    if (session->output_count() != 2 || lease->output(0).data.size() != kContourValues ||
        lease->output(1).data.size() != kIrisValues)
      return fail(ErrorKind::unavailable,
                  fmt::format("{}: no iris model; run `sightline models verify`", weights_.string()));
    const std::span<const float> iris = lease->output(1).data;
    return eye_of(lease->output(0).data, {iris[0], iris[1]}, to_picture, side);
  }

  inference::Runtime& runtime_;
  const inference::ModelManifest model_;
  const std::filesystem::path weights_;
};

}  // namespace

Result<std::unique_ptr<EyeReader>> EyeReader::create(inference::Runtime& runtime,
                                                     const inference::ModelStore& models,
                                                     std::string_view model) {
  auto manifest = TRY(models.find(model));
  auto weights = TRY(models.weights(manifest));
  return create(runtime, std::move(manifest), std::move(weights));
}

Result<std::unique_ptr<EyeReader>> EyeReader::create(inference::Runtime& runtime,
                                                     inference::ModelManifest model,
                                                     std::filesystem::path weights) {
  if (model.task != "eye-contour" || model.decoder != "mediapipe-iris")
    return fail(
        ErrorKind::unsupported,
        fmt::format(
            "model '{}' (task {}, decoder {}) reads no eyes here; its manifest must say eye-contour and "
            "mediapipe-iris",
            model.name, model.task, model.decoder));
  return std::make_unique<MediapipeEyeReader>(runtime, std::move(model), std::move(weights));
}

}  // namespace sightline::faces
