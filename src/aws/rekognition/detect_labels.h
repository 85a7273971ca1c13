#pragma once
// The things in a picture, and the more general labels that follow from them.

#include "aws/dispatch/context.h"
#include "aws/rekognition/image_source.h"
#include "aws/rekognition/model.h"
#include "aws/rekognition/vision.h"

namespace sightline::aws::rekognition {

[[nodiscard]] wire::Answer<DetectLabelsResponse> detect_labels(const DetectLabelsRequest& request,
                                                               const dispatch::Context& context,
                                                               const ImageSource& images, Vision& vision);

}  // namespace sightline::aws::rekognition
