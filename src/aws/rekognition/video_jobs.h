#pragma once
// Stored videos: a job is started, and asked for its results.

#include "aws/dispatch/context.h"
#include "aws/rekognition/model.h"
#include "aws/wire/service_error.h"
#include "sight/jobs/jobs.h"

namespace sightline::aws::rekognition {

[[nodiscard]] wire::Answer<StartFaceDetectionResponse> start_face_detection(
    const StartFaceDetectionRequest& request, const dispatch::Context& context, jobs::Jobs& jobs);

[[nodiscard]] wire::Answer<GetFaceDetectionResponse> get_face_detection(
    const GetFaceDetectionRequest& request, const dispatch::Context& context, jobs::Jobs& jobs);

}  // namespace sightline::aws::rekognition
