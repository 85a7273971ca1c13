#pragma once
// Amazon Rekognition's operations.

#include "aws/dispatch/operations.h"
#include "aws/rekognition/image_source.h"
#include "aws/rekognition/vision.h"
#include "base/random.h"
#include "sight/collections/face_collections.h"
#include "sight/jobs/jobs.h"

namespace sightline::aws::rekognition {

/// What the handlers use; all of it outlives them.
struct Dependencies {
  const ImageSource& images;
  Vision& vision;
  collections::FaceCollections& collections;
  jobs::Jobs& jobs;
  Random& random;
  WorkerPool& inference;  ///< for calls that run models or search
  WorkerPool& quick;      ///< for calls that look into tables
};

void add_operations(dispatch::Operations& operations, const Dependencies& dependencies);

}  // namespace sightline::aws::rekognition
