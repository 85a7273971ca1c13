#include "aws/rekognition/video_jobs.h"

#include "aws/rekognition/collection_shapes.h"
#include "aws/rekognition/rekognition_error.h"
#include "aws/rekognition/video_shapes.h"

namespace sightline::aws::rekognition {
namespace {

jobs::JobName name_of(const std::string& id, const dispatch::Context& context) {
  return {context.caller.account, context.region, id};
}

/// One face in one frame, with whom its track is like.
PersonMatch person_match(const jobs::ResultFace& seen, const jobs::TrackMatches& matches) {
  PersonMatch person;
  person.timestamp = seen.timestamp_ms;
  auto& detail = person.person.emplace();
  detail.index = seen.face.track;
  detail.face = video_face(seen.face);
  if (const auto found = matches.find(seen.face.track); found != matches.end()) {
    auto& faces = person.face_matches.emplace();
    for (const jobs::FaceMatch& match : found->second) {
      faces.push_back({match.similarity, wire_face(match.face)});
    }
  }
  return person;
}

}  // namespace

wire::Answer<StartFaceDetectionResponse> start_face_detection(const StartFaceDetectionRequest& request,
                                                              const dispatch::Context& context,
                                                              jobs::Jobs& jobs) {
  jobs::JobRequest job = TRY(job_request(request, context, jobs::JobKind::face_detection));
  job.detail = request.face_attributes == "ALL" ? jobs::Detail::all : jobs::Detail::basic;
  const auto id = jobs.start(job);
  if (!id) return refuse_job(id.error());
  StartFaceDetectionResponse response;
  response.job_id = *id;
  return response;
}

wire::Answer<GetFaceDetectionResponse> get_face_detection(const GetFaceDetectionRequest& request,
                                                          const dispatch::Context& context,
                                                          jobs::Jobs& jobs) {
  const std::string token = request.next_token.value_or("");
  const auto page = jobs.results(name_of(*request.job_id, context), jobs::JobKind::face_detection,
                                 {video_page_size(request.max_results), token});
  if (!page) return refuse_job(page.error());
  GetFaceDetectionResponse response;
  set_job(*page, response);
  auto& faces = response.faces.emplace();
  for (const jobs::ResultFace& face : page->faces) {
    faces.push_back({face.timestamp_ms, video_face(face.face)});
  }
  return response;
}

wire::Answer<StartFaceSearchResponse> start_face_search(const StartFaceSearchRequest& request,
                                                        const dispatch::Context& context,
                                                        const VideoSearchDependencies& dependencies) {
  jobs::JobRequest job = TRY(job_request(request, context, jobs::JobKind::face_search));
  const std::string& id = *request.collection_id;
  const auto collection = dependencies.collections.describe(tenant_of(context), id);
  if (!collection) return refuse_collection(collection.error(), id);
  const auto recogniser = dependencies.vision.recogniser();
  if (!recogniser) return internal_failure(recogniser.error());
  if (collection->model != vector_model(**recogniser)) {
    return refuse_collection({ErrorKind::unsupported, ""}, id);
  }
  job.search = {id, request.face_match_threshold.value_or(kUsualMatchThreshold)};
  const auto started = dependencies.jobs.start(job);
  if (!started) return refuse_job(started.error());
  StartFaceSearchResponse response;
  response.job_id = *started;
  return response;
}

wire::Answer<GetFaceSearchResponse> get_face_search(const GetFaceSearchRequest& request,
                                                    const dispatch::Context& context, jobs::Jobs& jobs) {
  const std::string token = request.next_token.value_or("");
  const jobs::Order order = request.sort_by == "INDEX" ? jobs::Order::by_track : jobs::Order::by_time;
  const auto page = jobs.results(name_of(*request.job_id, context), jobs::JobKind::face_search,
                                 {video_page_size(request.max_results), token, order});
  if (!page) return refuse_job(page.error());
  GetFaceSearchResponse response;
  set_job(*page, response);
  auto& persons = response.persons.emplace();
  for (const jobs::ResultFace& face : page->faces) persons.push_back(person_match(face, page->matches));
  return response;
}

}  // namespace sightline::aws::rekognition
