#pragma once
// Collections and their faces as the wire tells them, and their errors in its words.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/dispatch/context.h"
#include "aws/rekognition/model.h"
#include "aws/wire/service_error.h"
#include "sight/collections/face_collections.h"
#include "sight/faces/face_recogniser.h"

namespace sightline::aws::rekognition {

[[nodiscard]] collections::Tenant tenant_of(const dispatch::Context& context);

/// The model under which this recogniser's vectors are kept.
[[nodiscard]] collections::VectorModel vector_model(const faces::FaceRecogniser& recogniser);
/// "0.3.0": FaceModelVersion.
[[nodiscard]] std::string face_model_version(const collections::VectorModel& model);

/// What a client is told of an error of FaceCollections about this collection.
[[nodiscard]] std::unexpected<wire::ServiceError> refuse_collection(const Error& error,
                                                                    std::string_view collection_id);

/// "aws:rekognition:us-east-1:000000000000:collection/friends", to which an ARN puts "arn:".
[[nodiscard]] std::string collection_name(const collections::Tenant& tenant, std::string_view id);

/// MaxResults: absent or 0 means as many as a page may hold.
[[nodiscard]] std::size_t page_size(const std::optional<std::int32_t>& max_results);
/// NextToken: an empty one is the first page's.
[[nodiscard]] std::optional<std::string_view> page_token(const std::optional<std::string>& token);

[[nodiscard]] Face wire_face(const collections::Face& face);

/// A threshold of similarity as the distance of two vectors of length 1, and back.
[[nodiscard]] float distance_of(const faces::FaceRecogniser& recogniser, float similarity);
/// How similar a match is; nullopt below the threshold.
[[nodiscard]] std::optional<float> similarity_of(const faces::FaceRecogniser& recogniser,
                                                 const collections::Match& match, float threshold);
/// Those that reach the threshold.
[[nodiscard]] std::vector<FaceMatch> wire_matches(const faces::FaceRecogniser& recogniser,
                                                  const std::vector<collections::Match>& matches,
                                                  float threshold);

/// FaceMatchThreshold and MaxFaces where a request leaves them out.
inline constexpr float kUsualMatchThreshold = 80;
inline constexpr std::int32_t kUsualMaxFaces = 4096;

}  // namespace sightline::aws::rekognition
