#pragma once
// Searches of collections, for jobs on stored videos.

#include "aws/rekognition/vision.h"
#include "sight/collections/face_collections.h"
#include "sight/jobs/face_search.h"

namespace sightline::aws::rekognition {

/// Thread-safe. Waits for the models where they are not loaded yet.
class CollectionSearch final : public jobs::FaceSearch {
 public:
  CollectionSearch(collections::FaceCollections& collections, Vision& vision)
      : collections_(collections), vision_(vision) {}

  [[nodiscard]] Result<void> check(const collections::Tenant& tenant,
                                   const jobs::SearchTerms& terms) override;
  [[nodiscard]] Result<std::vector<jobs::FaceMatch>> search(const collections::Tenant& tenant,
                                                            const jobs::SearchTerms& terms,
                                                            const jobs::TrackVector& person,
                                                            std::size_t most) override;

 private:
  collections::FaceCollections& collections_;
  Vision& vision_;
};

}  // namespace sightline::aws::rekognition
