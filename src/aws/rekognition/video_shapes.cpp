#include "aws/rekognition/video_shapes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "aws/rekognition/face_shapes.h"
#include "aws/rekognition/rekognition_error.h"

namespace sightline::aws::rekognition {
namespace {

constexpr std::int64_t kMostResults = 1000;

/// What Rekognition calls a container; by libav's short name.
constexpr std::pair<std::string_view, const char*> kFormats[] = {
    {"mov,mp4,m4a,3gp,3g2,mj2", "QuickTime / MOV"},
    {"matroska,webm", "Matroska / WebM"},
    {"avi", "AVI (Audio Video Interleaved)"},
    {"mpegts", "MPEG-TS (MPEG-2 Transport Stream)"},
    {"mpeg", "MPEG-PS (MPEG-2 Program Stream)"},
    {"flv", "FLV (Flash Video)"},
    {"ogg", "Ogg"},
    {"asf", "ASF (Advanced / Active Streaming Format)"}};

}  // namespace

std::unexpected<wire::ServiceError> refuse_job(const jobs::Failure& failure) {
  switch (failure.problem) {
    case jobs::Problem::no_such_clip:
      return wire::refuse(kInvalidS3ObjectException,
                          "Unable to get object metadata from S3. Check object key, region and/or access "
                          "permissions.");
    case jobs::Problem::clip_too_large:
      return wire::refuse(kVideoTooLargeException,
                          "The file size of the supplied media is too large. The maximum file size is 10GB.");
    case jobs::Problem::too_many_jobs:
      return wire::refuse(kLimitExceededException,
                          "The number of in-progress jobs exceeds the limit. Try again when one has ended.");
    case jobs::Problem::token_reused:
      return wire::refuse(kIdempotentParameterMismatchException,
                          "A ClientRequestToken input parameter was reused with an operation, but at least "
                          "one of the other input parameters is different from the previous call to the "
                          "operation.");
    case jobs::Problem::no_such_job:
      return wire::refuse(kResourceNotFoundException, "Request has an invalid JobId");
    case jobs::Problem::bad_page_token:
      return wire::refuse(kInvalidPaginationTokenException, "Request has an invalid pagination token");
    case jobs::Problem::internal:
      break;
  }
  return internal_failure(failure.error);
}

std::unexpected<wire::ServiceError> refuse_channel(const NotificationChannel& channel) {
  return wire::refuse(
      kInvalidParameterException,
      fmt::format("NotificationChannel is not supported here: there are no topics, so nothing could be "
                  "published to '{}'. Leave it out, and ask for the job's status with the Get operation.",
                  *channel.sns_topic_arn));
}

const char* status_of(jobs::JobStatus status) {
  switch (status) {
    case jobs::JobStatus::succeeded:
      return "SUCCEEDED";
    case jobs::JobStatus::failed:
      return "FAILED";
    case jobs::JobStatus::in_progress:
      break;
  }
  return "IN_PROGRESS";
}

VideoMetadata metadata_of(const jobs::ClipInfo& info) {
  const auto* format = std::ranges::find(kFormats, std::string_view(info.container),
                                         &std::pair<std::string_view, const char*>::first);
  VideoMetadata metadata;
  metadata.codec = info.codec;
  metadata.format = format != std::end(kFormats) ? format->second : info.container;
  metadata.duration_millis = info.duration_ms;
  if (info.frame_rate > 0) metadata.frame_rate = static_cast<float>(info.frame_rate);
  metadata.frame_width = info.size.width;
  metadata.frame_height = info.size.height;
  metadata.color_range = info.full_range ? "FULL" : "LIMITED";
  return metadata;
}

Video video_of(const jobs::ClipName& clip) {
  Video video;
  auto& object = video.s3_object.emplace();
  object.bucket = clip.bucket;
  object.name = clip.key;
  if (!clip.version.empty()) object.version = clip.version;
  return video;
}

std::int64_t video_page_size(const std::optional<std::int32_t>& max_results) {
  return std::min<std::int64_t>(max_results.value_or(kMostResults), kMostResults);
}

FaceDetail video_face(const jobs::SampledFace& face) {
  faces::FaceDetails details = face.details.value_or(faces::FaceDetails{});
  if (!face.details) {
    details.face = {face.box, face.confidence, face.confidence, {}};
    if (face.landmarks) details.landmarks = faces::five_landmarks(*face.landmarks);
  }
  FaceDetail detail = face_detail(details, {1, 1});  // coordinates are fractions already
  if (!face.landmarks) detail.landmarks.reset();
  return detail;
}

}  // namespace sightline::aws::rekognition
