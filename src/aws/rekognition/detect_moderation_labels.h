#pragma once
// Whether a picture is unsafe to show, in the words of the moderation taxonomy.

#include "aws/dispatch/context.h"
#include "aws/rekognition/image_source.h"
#include "aws/rekognition/model.h"
#include "aws/rekognition/vision.h"

namespace sightline::aws::rekognition {

[[nodiscard]] wire::Answer<DetectModerationLabelsResponse> detect_moderation_labels(
    const DetectModerationLabelsRequest& request, const dispatch::Context& context, const ImageSource& images,
    Vision& vision);

}  // namespace sightline::aws::rekognition
