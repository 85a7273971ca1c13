#include "aws/rekognition/detect_faces.h"

#include <array>

#include "sight/analysis/picture_sources.h"

namespace sightline::aws::rekognition {
namespace {

/// In the order of analysis::Face::landmarks.
constexpr std::array<const char*, 5> kLandmarks = {"eyeLeft", "eyeRight", "nose", "mouthLeft", "mouthRight"};

FaceDetail detail_of(const analysis::Face& face, media::Size size) {
  const float width = static_cast<float>(size.width);
  const float height = static_cast<float>(size.height);
  FaceDetail detail;
  detail.bounding_box = BoundingBox{.width = face.box.width / width,
                                    .height = face.box.height / height,
                                    .left = face.box.x / width,
                                    .top = face.box.y / height};
  detail.confidence = 100 * face.confidence;
  auto& landmarks = detail.landmarks.emplace();
  for (std::size_t i = 0; i < kLandmarks.size(); ++i) {
    landmarks.push_back({kLandmarks[i], face.landmarks[i].x / width, face.landmarks[i].y / height});
  }
  return detail;
}

}  // namespace

wire::Answer<DetectFacesResponse> detect_faces(const DetectFacesRequest& request,
                                               const dispatch::Context& context, const ImageSource& images,
                                               Vision& vision) {
  const media::Picture picture = TRY(images.read(*request.image, context));
  const auto detector = vision.faces();
  if (!detector) return wire::refuse(kInternalServerError, "Internal server error");
  const auto faces = (*detector)->detect(analysis::StillSource(picture),
                                         analysis::picture_options(analysis::Scope::balanced));
  if (!faces) return wire::refuse(kInternalServerError, "Internal server error");
  DetectFacesResponse response;
  auto& details = response.face_details.emplace();
  for (const analysis::Face& face : *faces) details.push_back(detail_of(face, picture.displayed_size()));
  return response;
}

}  // namespace sightline::aws::rekognition
