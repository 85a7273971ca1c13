#pragma once
// Stored videos: a job is started, and asked for its results.

#include "aws/dispatch/context.h"
#include "aws/rekognition/model.h"
#include "aws/rekognition/vision.h"
#include "aws/wire/service_error.h"
#include "sight/collections/face_collections.h"
#include "sight/jobs/jobs.h"

namespace sightline::aws::rekognition {

[[nodiscard]] wire::Answer<StartFaceDetectionResponse> start_face_detection(
    const StartFaceDetectionRequest& request, const dispatch::Context& context, jobs::Jobs& jobs);

[[nodiscard]] wire::Answer<GetFaceDetectionResponse> get_face_detection(
    const GetFaceDetectionRequest& request, const dispatch::Context& context, jobs::Jobs& jobs);

/// What starts a search.
struct VideoSearchDependencies {
  jobs::Jobs& jobs;
  collections::FaceCollections& collections;
  Vision& vision;
};

[[nodiscard]] wire::Answer<StartFaceSearchResponse> start_face_search(
    const StartFaceSearchRequest& request, const dispatch::Context& context,
    const VideoSearchDependencies& dependencies);

[[nodiscard]] wire::Answer<GetFaceSearchResponse> get_face_search(const GetFaceSearchRequest& request,
                                                                  const dispatch::Context& context,
                                                                  jobs::Jobs& jobs);

}  // namespace sightline::aws::rekognition
