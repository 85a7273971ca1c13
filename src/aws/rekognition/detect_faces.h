#pragma once
// Every face in a picture, with what is measured of it.

#include "aws/dispatch/context.h"
#include "aws/rekognition/image_source.h"
#include "aws/rekognition/model.h"
#include "aws/rekognition/vision.h"

namespace sightline::aws::rekognition {

[[nodiscard]] wire::Answer<DetectFacesResponse> detect_faces(const DetectFacesRequest& request,
                                                             const dispatch::Context& context,
                                                             const ImageSource& images, Vision& vision);

}  // namespace sightline::aws::rekognition
