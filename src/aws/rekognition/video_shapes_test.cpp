#include "aws/rekognition/video_shapes.h"

#include <gtest/gtest.h>

namespace sightline::aws::rekognition {
namespace {

class Refuses final : public dispatch::Authorizer {
 public:
  std::optional<dispatch::Denial> deny(const dispatch::AccessRequest& access,
                                       const dispatch::Context&) const override {
    if (access != dispatch::AccessRequest{"s3:GetObject", "arn:aws:s3:::clips/secret.mp4"})
      return std::nullopt;
    return dispatch::Denial{"because no identity-based policy allows it"};
  }
};

TEST(JobRequest, AClipIsReadWithTheCallersRights) {
  const Refuses authorizer;
  dispatch::Context context;
  context.authorizer = &authorizer;
  StartFaceDetectionRequest request;
  S3Object& object = request.video.emplace().s3_object.emplace();
  object.bucket = "clips";
  object.name = "open.mp4";
  EXPECT_TRUE(job_request(request, context, jobs::JobKind::face_detection));
  object.name = "secret.mp4";
  const auto refused = job_request(request, context, jobs::JobKind::face_detection);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "InvalidS3ObjectException");
}

}  // namespace
}  // namespace sightline::aws::rekognition
