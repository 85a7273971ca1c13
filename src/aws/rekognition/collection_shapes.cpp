#include "aws/rekognition/collection_shapes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "aws/rekognition/rekognition_error.h"

namespace sightline::aws::rekognition {
namespace {

constexpr std::size_t kMaxPage = 4096;
/// Of a distance of vectors that are kept in 16 bits: the same picture is at similarity 100.
constexpr float kDistanceError = 1e-3F;
constexpr float kSimilarityError = 1e-2F;

}  // namespace

collections::Tenant tenant_of(const dispatch::Context& context) {
  return {context.caller.account, context.region};
}

collections::VectorModel vector_model(const faces::FaceRecogniser& recogniser) {
  return {recogniser.model_id(), "unit"};
}

std::string face_model_version(const collections::VectorModel& model) {
  // "name version hash ...": FaceRecogniser::model_id.
  const std::size_t begin = model.id.find(' ') + 1;
  return model.id.substr(begin, model.id.find(' ', begin) - begin);
}

std::unexpected<wire::ServiceError> refuse_collection(const Error& error, std::string_view collection_id) {
  switch (error.kind) {
    case ErrorKind::not_found:
      return wire::refuse(kResourceNotFoundException,
                          fmt::format("The collection id: {} does not exist", collection_id));
    case ErrorKind::already_exists:
      return wire::refuse(kResourceAlreadyExistsException,
                          fmt::format("The collection id: {} already exists", collection_id));
    case ErrorKind::invalid_argument:
      return wire::refuse(kInvalidPaginationTokenException, "Invalid pagination token");
    case ErrorKind::unsupported:
      return wire::refuse(kInvalidParameterException,
                          fmt::format("The faces of collection {} were indexed with another face model: make "
                                      "a new collection and index them again",
                                      collection_id));
    case ErrorKind::too_large:
      return wire::refuse(kServiceQuotaExceededException, "A collection has too many tags");
    default:
      return internal_failure(error);
  }
}

std::string collection_name(const collections::Tenant& tenant, std::string_view id) {
  return fmt::format("aws:rekognition:{}:{}:collection/{}", tenant.region, tenant.account, id);
}

std::size_t page_size(const std::optional<std::int32_t>& max_results) {
  const std::int32_t asked = max_results.value_or(0);
  return asked <= 0 ? kMaxPage : static_cast<std::size_t>(asked);
}

std::optional<std::string_view> page_token(const std::optional<std::string>& token) {
  if (!token || token->empty()) return std::nullopt;
  return *token;
}

Face wire_face(const collections::Face& face) {
  Face out;
  out.face_id = face.id.text();
  out.bounding_box = BoundingBox{.width = static_cast<float>(face.box.width),
                                 .height = static_cast<float>(face.box.height),
                                 .left = static_cast<float>(face.box.left),
                                 .top = static_cast<float>(face.box.top)};
  out.image_id = face.image.text();
  out.external_image_id = face.external_image_id;
  out.confidence = static_cast<float>(face.confidence);
  out.index_faces_model_version = face_model_version(face.model);
  return out;
}

float distance_of(const faces::FaceRecogniser& recogniser, float similarity) {
  const float cosine = recogniser.cosine_of(similarity);
  return std::sqrt(std::max(0.0F, 2 - 2 * cosine)) + kDistanceError;
}

std::optional<float> similarity_of(const faces::FaceRecogniser& recogniser, const collections::Match& match,
                                   float threshold) {
  const float similarity = recogniser.similarity(1 - match.distance * match.distance / 2);
  return similarity + kSimilarityError < threshold ? std::nullopt : std::optional(similarity);
}

std::vector<FaceMatch> wire_matches(const faces::FaceRecogniser& recogniser,
                                    const std::vector<collections::Match>& matches, float threshold) {
  std::vector<FaceMatch> out;
  for (const collections::Match& match : matches) {
    if (const auto similarity = similarity_of(recogniser, match, threshold)) {
      out.push_back({similarity, wire_face(match.face)});
    }
  }
  return out;
}

}  // namespace sightline::aws::rekognition
