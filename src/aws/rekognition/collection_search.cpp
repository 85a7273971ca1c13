#include "aws/rekognition/collection_search.h"

#include "aws/rekognition/collection_shapes.h"

namespace sightline::aws::rekognition {
namespace {

/// The collection's faults in the words of the API: they become a job's StatusMessage.
Error error_of(const Error& error, const std::string& collection) {
  if (error.kind != ErrorKind::not_found && error.kind != ErrorKind::unsupported) return error;
  const auto refused = refuse_collection(error, collection);
  return {error.kind, refused.error().message};
}

}  // namespace

Result<void> CollectionSearch::check(const collections::Tenant& tenant, const jobs::SearchTerms& terms) {
  const auto found = collections_.describe(tenant, terms.collection);
  if (!found) return std::unexpected(error_of(found.error(), terms.collection));
  return {};
}

Result<std::vector<jobs::FaceMatch>> CollectionSearch::search(const collections::Tenant& tenant,
                                                              const jobs::SearchTerms& terms,
                                                              const jobs::TrackVector& person,
                                                              std::size_t most) {
  const faces::FaceRecogniser* recogniser = TRY(vision_.recogniser());
  collections::VectorModel model = vector_model(*recogniser);
  model.id = person.model;
  auto found = collections_.search(tenant, terms.collection, model, person.vector,
                                   {most, distance_of(*recogniser, terms.threshold)});
  if (!found) return std::unexpected(error_of(found.error(), terms.collection));
  std::vector<jobs::FaceMatch> matches;
  for (collections::Match& match : *found) {
    if (const auto similarity = similarity_of(*recogniser, match, terms.threshold)) {
      matches.push_back({*similarity, std::move(match.face)});
    }
  }
  return matches;
}

}  // namespace sightline::aws::rekognition
