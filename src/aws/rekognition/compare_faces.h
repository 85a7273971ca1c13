#pragma once
// The largest face of one picture against every face of another.

#include "aws/dispatch/context.h"
#include "aws/rekognition/image_source.h"
#include "aws/rekognition/model.h"
#include "aws/rekognition/vision.h"

namespace sightline::aws::rekognition {

/// A picture without a face that reaches QualityFilter (NONE unless given) is an InvalidParameterException,
/// as either of the two.
[[nodiscard]] wire::Answer<CompareFacesResponse> compare_faces(const CompareFacesRequest& request,
                                                               const dispatch::Context& context,
                                                               const ImageSource& images, Vision& vision);

}  // namespace sightline::aws::rekognition
