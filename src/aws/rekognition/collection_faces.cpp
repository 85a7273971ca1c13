#include "aws/rekognition/collection_faces.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/rekognition/collection_shapes.h"
#include "aws/rekognition/face_shapes.h"
#include "aws/rekognition/rekognition_error.h"

namespace sightline::aws::rekognition {
namespace {

using collections::Uuid;

/// Texts that are no ids are left out: they name nothing that is here.
std::vector<Uuid> uuids_of(const std::vector<std::string>& texts) {
  std::vector<Uuid> uuids;
  for (const std::string& text : texts)
    if (const auto uuid = Uuid::parse(text)) uuids.push_back(*uuid);
  return uuids;
}

collections::SearchOptions options_of(const faces::FaceRecogniser& recogniser, float threshold,
                                      const std::optional<std::int32_t>& max_faces) {
  return {static_cast<std::size_t>(max_faces.value_or(kUsualMaxFaces)), distance_of(recogniser, threshold)};
}

struct Seen {
  analysis::Face face;
  faces::FaceVector vector;
};

/// The largest face above the bar.
wire::Answer<Seen> largest_face(const SeenPicture& picture, faces::QualityBar bar, Vision& vision) {
  const auto analyser = vision.analyser();
  const auto recogniser = vision.recogniser();
  if (!analyser) return internal_failure(analyser.error());
  if (!recogniser) return internal_failure(recogniser.error());
  for (const analysis::Face& face : picture.faces) {
    const auto described = (*analyser)->describe(picture.image, face, {});
    if (!described) return internal_failure(described.error());
    if (!faces::weaknesses(face, described->pose, described->quality, bar).empty()) continue;
    const auto vector = (*recogniser)->embed(picture.image, face.landmarks);
    if (vector) return Seen{face, *vector};
    // Points all in one place: nothing to compare.
    if (vector.error().kind != ErrorKind::invalid_argument) return internal_failure(vector.error());
  }
  return wire::refuse(kInvalidParameterException, "There are no faces in the image. Should be at least 1.");
}

}  // namespace

wire::Answer<ListFacesResponse> list_faces(const ListFacesRequest& request, const dispatch::Context& context,
                                           const FaceDependencies& dependencies) {
  const collections::Tenant tenant = tenant_of(context);
  const std::string& id = *request.collection_id;
  const auto collection = dependencies.collections.describe(tenant, id);
  if (!collection) return refuse_collection(collection.error(), id);
  // Users cannot be made yet.
  if (request.user_id)
    return wire::refuse(kResourceNotFoundException,
                        fmt::format("The user id: {} does not exist", *request.user_id));
  const auto token = page_token(request.next_token);
  const std::size_t limit = page_size(request.max_results);
  auto page = request.face_ids
                  ? dependencies.collections.faces(tenant, id, uuids_of(*request.face_ids), token, limit)
                  : dependencies.collections.faces(tenant, id, token, limit);
  if (!page) return refuse_collection(page.error(), id);
  ListFacesResponse response;
  auto& faces = response.faces.emplace();
  for (const collections::Face& face : page->items) faces.push_back(wire_face(face));
  response.next_token = std::move(page->next);
  response.face_model_version = face_model_version(collection->model);
  return response;
}

wire::Answer<DeleteFacesResponse> delete_faces(const DeleteFacesRequest& request,
                                               const dispatch::Context& context,
                                               const FaceDependencies& dependencies) {
  const auto removed = dependencies.collections.remove_faces(tenant_of(context), *request.collection_id,
                                                             uuids_of(*request.face_ids));
  if (!removed) return refuse_collection(removed.error(), *request.collection_id);
  DeleteFacesResponse response;
  auto& deleted = response.deleted_faces.emplace();
  for (const Uuid& face : *removed) deleted.push_back(face.text());
  auto& failed = response.unsuccessful_face_deletions.emplace();
  for (const std::string& face : *request.face_ids) {
    // By rising ids, which as texts rise too.
    if (!std::ranges::binary_search(deleted, face))
      failed.push_back({face, std::nullopt, std::vector<std::string>{"FACE_NOT_FOUND"}});
  }
  return response;
}

wire::Answer<SearchFacesResponse> search_faces(const SearchFacesRequest& request,
                                               const dispatch::Context& context,
                                               const FaceDependencies& dependencies) {
  const collections::Tenant tenant = tenant_of(context);
  const std::string& id = *request.collection_id;
  const auto collection = dependencies.collections.describe(tenant, id);
  if (!collection) return refuse_collection(collection.error(), id);
  const auto recogniser = dependencies.vision.recogniser();
  if (!recogniser) return internal_failure(recogniser.error());
  const float threshold = request.face_match_threshold.value_or(kUsualMatchThreshold);
  const auto matches =
      dependencies.collections.search_face(tenant, id, Uuid::parse(*request.face_id).value_or(Uuid()),
                                           options_of(**recogniser, threshold, request.max_faces));
  if (!matches) return refuse_collection(matches.error(), id);
  if (!*matches)
    return wire::refuse(kInvalidParameterException,
                        fmt::format("faceId: {} was not found in the collection", *request.face_id));
  SearchFacesResponse response;
  response.searched_face_id = request.face_id;
  response.face_matches = wire_matches(**recogniser, **matches, threshold);
  response.face_model_version = face_model_version(collection->model);
  return response;
}

wire::Answer<SearchFacesByImageResponse> search_faces_by_image(const SearchFacesByImageRequest& request,
                                                               const dispatch::Context& context,
                                                               const FaceDependencies& dependencies) {
  const collections::Tenant tenant = tenant_of(context);
  const std::string& id = *request.collection_id;
  const auto collection = dependencies.collections.describe(tenant, id);
  if (!collection) return refuse_collection(collection.error(), id);
  const SeenPicture picture = TRY(see(*request.image, context, dependencies.images, dependencies.vision));
  const auto recogniser = dependencies.vision.recogniser();
  if (!recogniser) return internal_failure(recogniser.error());
  const Seen seen = TRY(largest_face(picture, quality_bar_of(request.quality_filter, faces::QualityBar::none),
                                     dependencies.vision));
  const float threshold = request.face_match_threshold.value_or(kUsualMatchThreshold);
  const auto matches =
      dependencies.collections.search(tenant, id, vector_model(**recogniser), seen.vector,
                                      options_of(**recogniser, threshold, request.max_faces));
  if (!matches) return refuse_collection(matches.error(), id);
  SearchFacesByImageResponse response;
  response.searched_face_bounding_box = bounding_box(seen.face.box, picture.image.size);
  response.searched_face_confidence = 100 * seen.face.confidence;
  response.face_matches = wire_matches(**recogniser, *matches, threshold);
  response.face_model_version = face_model_version(collection->model);
  return response;
}

}  // namespace sightline::aws::rekognition
