#pragma once
// What the jobs on stored videos have in common on the wire, whatever they look for.

#include <optional>

#include "aws/dispatch/permission.h"
#include "aws/rekognition/model.h"
#include "aws/wire/service_error.h"
#include "sight/jobs/jobs.h"

namespace sightline::aws::rekognition {

[[nodiscard]] std::unexpected<wire::ServiceError> refuse_job(const jobs::Failure& failure);
/// There are no topics here yet: a job that took the channel would end without a word to it.
[[nodiscard]] std::unexpected<wire::ServiceError> refuse_channel(const NotificationChannel& channel);

[[nodiscard]] const char* status_of(jobs::JobStatus status);
[[nodiscard]] VideoMetadata metadata_of(const jobs::ClipInfo& info);
[[nodiscard]] Video video_of(const jobs::ClipName& clip);
/// MaxResults: more than a page may hold means as many as it may.
[[nodiscard]] std::int64_t video_page_size(const std::optional<std::int32_t>& max_results);
[[nodiscard]] FaceDetail video_face(const jobs::SampledFace& face);

/// Of a Start operation's request, all but what it looks for.
template <typename Request>
[[nodiscard]] wire::Answer<jobs::JobRequest> job_request(const Request& request,
                                                         const dispatch::Context& context,
                                                         jobs::JobKind kind) {
  const auto& object = request.video->s3_object;
  if (!object || !object->bucket || !object->name) {
    return wire::refuse(kInvalidParameterException, "Request has invalid parameters");
  }
  // The clip is read with the caller's rights, though later.
  const std::string clip = "arn:aws:s3:::" + *object->bucket + "/" + *object->name;
  if (!dispatch::may({"s3:GetObject", clip}, context))
    return refuse_job({jobs::Problem::no_such_clip, "the caller may not read the clip"});
  if (request.notification_channel) return refuse_channel(*request.notification_channel);
  jobs::JobRequest job;
  job.account = context.caller.account;
  job.region = context.region;
  job.principal = context.caller.arn;
  job.kind = kind;
  job.clip = {*object->bucket, *object->name, object->version.value_or("")};
  job.tag = request.job_tag.value_or("");
  job.token = request.client_request_token.value_or("");
  return job;
}

/// Of a Get operation's response, all but what was found.
template <typename Response>
void set_job(const jobs::ResultPage& page, Response& response) {
  const jobs::Job& job = page.job;
  response.job_id = job.id;
  response.job_status = status_of(job.status);
  if (!job.message.empty()) response.status_message = job.message;
  response.video = video_of(job.clip);
  if (!job.tag.empty()) response.job_tag = job.tag;
  if (job.info) response.video_metadata = metadata_of(*job.info);
  if (!page.next.empty()) response.next_token = page.next;
}

}  // namespace sightline::aws::rekognition
