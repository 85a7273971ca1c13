#include "aws/rekognition/detect_faces.h"

#include "aws/rekognition/face_shapes.h"
#include "aws/rekognition/rekognition_error.h"

namespace sightline::aws::rekognition {

wire::Answer<DetectFacesResponse> detect_faces(const DetectFacesRequest& request,
                                               const dispatch::Context& context, const ImageSource& images,
                                               Vision& vision) {
  const SeenPicture picture = TRY(see(*request.image, context, images, vision));
  const auto analyser = vision.analyser();
  if (!analyser) return internal_failure(analyser.error());
  const faces::Wanted wanted = wanted_of(request.attributes);
  DetectFacesResponse response;
  auto& details = response.face_details.emplace();
  for (const analysis::Face& face : picture.faces) {
    const auto described = (*analyser)->describe(picture.image, face, wanted);
    if (!described) return internal_failure(described.error());
    details.push_back(face_detail(*described, picture.image.size));
  }
  return response;
}

}  // namespace sightline::aws::rekognition
