#pragma once
// Where clips come from. What keeps objects implements it; this module knows of neither buckets nor rights.

#include <atomic>
#include <cstdint>
#include <string>

#include "base/descriptor.h"
#include "base/result.h"
#include "sight/jobs/types.h"

namespace sightline::jobs {

struct ObjectRequest {
  std::string account;
  std::string region;
  std::string principal;  ///< whose rights count
  ClipName clip;
};

struct ObjectFacts {
  std::uint64_t size = 0;
  std::string identity;  ///< another one when the content has changed: an ETag
};

struct OpenedObject {
  Descriptor file;  ///< a regular file for reading, at any place; may have no name any more
  ObjectFacts facts;
};

/// Thread-safe. Errors: not_found, permission_denied; io and no_space when it is there but cannot be given.
class ObjectSource {
 public:
  virtual ~ObjectSource() = default;
  [[nodiscard]] virtual Result<ObjectFacts> find(const ObjectRequest& request) = 0;
  /// May take as long as copying the object takes, or until `stop` becomes true: then the error is
  /// unavailable.
  [[nodiscard]] virtual Result<OpenedObject> open(const ObjectRequest& request,
                                                  const std::atomic<bool>& stop) = 0;
};

}  // namespace sightline::jobs
