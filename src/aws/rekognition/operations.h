#pragma once
// Amazon Rekognition's operations.

#include "aws/dispatch/operations.h"
#include "aws/rekognition/image_source.h"
#include "aws/rekognition/vision.h"

namespace sightline::aws::rekognition {

/// What the handlers use; all of it outlives them.
struct Parts {
  const ImageSource& images;
  Vision& vision;
  WorkerPool& seeing;  ///< for calls that run models
};

void add_operations(dispatch::Operations& operations, const Parts& parts);

}  // namespace sightline::aws::rekognition
