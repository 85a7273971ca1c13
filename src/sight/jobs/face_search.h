#pragma once
// Who the people of a clip are. What joins collections and recogniser implements it; this module knows
// neither.

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "sight/jobs/records.h"
#include "sight/jobs/types.h"

namespace sightline::jobs {

/// Thread-safe.
class FaceSearch {
 public:
  virtual ~FaceSearch() = default;
  /// Errors: not_found (the collection), with a message for the client.
  [[nodiscard]] virtual Result<void> check(const collections::Tenant& tenant, const SearchTerms& terms) = 0;
  /// Faces at least as similar as the terms want, the most similar first, `most` at most. Errors: not_found
  /// (the collection), unsupported (it holds vectors of another model), both with a message for the client;
  /// those of tables and models.
  [[nodiscard]] virtual Result<std::vector<FaceMatch>> search(const collections::Tenant& tenant,
                                                              const SearchTerms& terms,
                                                              const TrackVector& person,
                                                              std::size_t most) = 0;
};

}  // namespace sightline::jobs
