#include "sight/faces/face_in_box.h"

#include <algorithm>

#include "sight/analysis/picture_sources.h"

namespace sightline::faces {
namespace {

/// Around the face, in shares of its box; and the longest side of what is cut out.
constexpr float kSurroundings = 1.2F;
constexpr float kLongestPart = 320;
constexpr int kSquareSide = 256;
constexpr float kMinScoreInBox = 0.4F;
/// It must lie there.
constexpr float kSameFace = 0.3F;

/// A part of a picture, and the size at which it is looked at.
struct Part {
  media::Box area;
  media::Size size;
};

Part square_part(const media::Box& box) {
  const float side = std::max(box.width, box.height) * (1 + kSurroundings);
  const media::Point center = box.center();
  return {{center.x - side / 2, center.y - side / 2, side, side}, {kSquareSide, kSquareSide}};
}

analysis::DetectorOptions detector_options() {
  auto options = analysis::picture_options(analysis::Scope::fast);
  options.min_score = kMinScoreInBox;
  return options;
}

Part part_like(const media::Box& box) {
  const media::Box area = media::grown(box, kSurroundings);
  const float scale = std::min(1.0F, kLongestPart / std::max(area.width, area.height));
  return {area,
          {std::max(1, static_cast<int>(area.width * scale)),
           std::max(1, static_cast<int>(area.height * scale))}};
}

}  // namespace

analysis::Face FaceInPart::in_picture() const {
  const float scale_x = area.width / static_cast<float>(part.size.width);
  const float scale_y = area.height / static_cast<float>(part.size.height);
  analysis::Face placed = face;
  placed.box = {area.x + face.box.x * scale_x, area.y + face.box.y * scale_y, face.box.width * scale_x,
                face.box.height * scale_y};
  for (media::Point& point : placed.landmarks) {
    point = {area.x + point.x * scale_x, area.y + point.y * scale_y};
  }
  return placed;
}

Result<void> make_ready_for_squares(analysis::FaceDetector& detector) {
  return detector.make_ready({kSquareSide, kSquareSide}, 1, detector_options());
}

Result<std::optional<FaceInPart>> find_in_box(analysis::FaceDetector& detector,
                                              const media::RgbImage& picture, const media::Box& box,
                                              PartShape shape) {
  if (!(std::max(box.width, box.height) * (1 + kSurroundings) >= 1)) return std::nullopt;
  const Part part = shape == PartShape::square ? square_part(box) : part_like(box);
  FaceInPart found{analysis::cropped(picture, part.area, part.size), {}, part.area};
  const auto faces = TRY(detector.detect(analysis::RgbSource(found.part), detector_options()));
  const float scale_x = static_cast<float>(part.size.width) / part.area.width;
  const float scale_y = static_cast<float>(part.size.height) / part.area.height;
  const media::Box expected{(box.x - part.area.x) * scale_x, (box.y - part.area.y) * scale_y,
                            box.width * scale_x, box.height * scale_y};
  const auto best = std::ranges::max_element(
      faces, {}, [&](const analysis::Face& face) { return media::iou(face.box, expected); });
  if (best == faces.end() || media::iou(best->box, expected) < kSameFace) return std::nullopt;
  found.face = *best;
  return found;
}

}  // namespace sightline::faces
