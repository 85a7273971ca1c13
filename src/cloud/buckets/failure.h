#pragma once
// What can go wrong with buckets and objects, for callers that must tell one from the other.

#include <expected>

#include "base/failure.h"

namespace sightline::buckets {

enum class Problem {
  storage,  ///< error.kind says what: no_space, io, corrupt, internal, ...
  invalid_bucket_name,
  bucket_exists,  ///< and is the caller's own
  no_such_bucket,
  bucket_not_empty,
  no_such_key,
  key_too_long,
  metadata_too_large,
  precondition_failed,
  bad_digest,     ///< the MD5 is not the one that was told
  bad_checksum,   ///< nor is the checksum
  too_large,      ///< over kMaxContent
  invalid_range,  ///< one that is not within the object
  no_such_upload,
  unsupported_checksum,  ///< an algorithm that has no checksum of that type
  invalid_part_number,
  invalid_part,        ///< one that was never uploaded, or is another one by now
  invalid_part_order,  ///< numbers must rise
  part_too_small,
  size_mismatch,  ///< of a completed upload and the size that was told
};

using Failure = FailureOf<Problem>;

template <typename T>
using Answer = std::expected<T, Failure>;

}  // namespace sightline::buckets
