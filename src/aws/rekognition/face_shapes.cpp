#include "aws/rekognition/face_shapes.h"

#include <algorithm>
#include <cmath>

#include "aws/rekognition/rekognition_error.h"

namespace sightline::aws::rekognition {
namespace {

/// Faces are looked for at 1920 pixels: those that can be found there are large enough at twice as many.
constexpr int kWorkingSide = 3840;

media::Size working_size(media::Size displayed) {
  const int longest = std::max(displayed.width, displayed.height);
  if (longest <= kWorkingSide) return displayed;
  const double scale = static_cast<double>(kWorkingSide) / longest;
  const auto reduced = [&](int side) { return std::max(1, static_cast<int>(std::lround(side * scale))); };
  return {reduced(displayed.width), reduced(displayed.height)};
}

std::vector<Landmark> landmarks_of(const faces::FaceDetails& face, media::Size picture) {
  std::vector<Landmark> landmarks;
  landmarks.reserve(face.landmarks.size());
  for (const faces::Landmark& landmark : face.landmarks)
    landmarks.push_back({std::string(landmark.name), landmark.place.x / static_cast<float>(picture.width),
                         landmark.place.y / static_cast<float>(picture.height)});
  return landmarks;
}

std::optional<Pose> pose_of(const faces::FaceDetails& face) {
  if (!face.pose) return std::nullopt;
  return Pose{face.pose->roll, face.pose->yaw, face.pose->pitch};
}

std::optional<ImageQuality> quality_of(const faces::FaceDetails& face) {
  if (!face.quality) return std::nullopt;
  return ImageQuality{face.quality->brightness, face.quality->sharpness};
}

}  // namespace

wire::Answer<SeenPicture> see(const Image& image, const dispatch::Context& context, const ImageSource& images,
                              Vision& vision) {
  SeenPicture seen;
  {
    const media::Picture picture = TRY(images.read(image, context));
    seen.image = picture.to_rgb(working_size(picture.displayed_size()));
  }
  const auto detector = vision.faces();
  if (!detector) return internal_failure(detector.error());
  auto found = faces::find_faces(**detector, seen.image);
  if (!found) return internal_failure(found.error());
  seen.faces = std::move(*found);
  return seen;
}

faces::Wanted wanted_of(const std::optional<std::vector<std::string>>& attributes) {
  faces::Wanted wanted;
  const auto asked = [&](const char* name) {
    return attributes && (std::ranges::find(*attributes, name) != attributes->end() ||
                          std::ranges::find(*attributes, "ALL") != attributes->end());
  };
  wanted.all_landmarks = asked("ALL");
  wanted.eyes_open = asked("EYES_OPEN");
  wanted.mouth_open = asked("MOUTH_OPEN");
  wanted.eye_direction = asked("EYE_DIRECTION");
  return wanted;
}

faces::QualityBar quality_bar_of(const std::optional<std::string>& filter, faces::QualityBar otherwise) {
  if (!filter) return otherwise;
  if (*filter == "NONE") return faces::QualityBar::none;
  if (*filter == "MEDIUM") return faces::QualityBar::medium;
  if (*filter == "HIGH") return faces::QualityBar::high;
  return faces::QualityBar::low;  // LOW and AUTO
}

BoundingBox bounding_box(const media::Box& box, media::Size picture) {
  const auto width = static_cast<float>(picture.width);
  const auto height = static_cast<float>(picture.height);
  return {box.width / width, box.height / height, box.x / width, box.y / height};
}

FaceDetail face_detail(const faces::FaceDetails& face, media::Size picture) {
  FaceDetail detail;
  detail.bounding_box = bounding_box(face.face.box, picture);
  detail.confidence = 100 * face.face.confidence;
  detail.landmarks = landmarks_of(face, picture);
  detail.pose = pose_of(face);
  detail.quality = quality_of(face);
  if (face.eyes_open) detail.eyes_open = EyeOpen{face.eyes_open->value, 100 * face.eyes_open->confidence};
  if (face.mouth_open)
    detail.mouth_open = MouthOpen{face.mouth_open->value, 100 * face.mouth_open->confidence};
  if (face.eye_direction)
    detail.eye_direction = EyeDirection{face.eye_direction->yaw, face.eye_direction->pitch,
                                        100 * face.eye_direction->confidence};
  return detail;
}

ComparedFace compared_face(const faces::FaceDetails& face, media::Size picture) {
  ComparedFace compared;
  compared.bounding_box = bounding_box(face.face.box, picture);
  compared.confidence = 100 * face.face.confidence;
  compared.landmarks = landmarks_of(face, picture);
  compared.pose = pose_of(face);
  compared.quality = quality_of(face);
  return compared;
}

}  // namespace sightline::aws::rekognition
