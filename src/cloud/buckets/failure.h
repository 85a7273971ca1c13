#pragma once
// What can go wrong with buckets and objects, for callers that must tell one from the other.

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>

#include "base/failure.h"
#include "cloud/buckets/types.h"

namespace sightline::buckets {

enum class Problem {
  storage,  ///< error.kind says what: no_space, io, corrupt, internal, ...
  invalid_bucket_name,
  bucket_exists,  ///< and is the caller's own
  bucket_taken,   ///< by another account
  too_many_buckets,
  no_such_bucket,
  bucket_not_empty,
  public_policy_blocked,  ///< by the bucket's PublicAccessBlock
  no_such_key,
  key_too_long,
  key_not_xml,  ///< it has characters that XML 1.0 cannot carry, or is no UTF-8
  metadata_too_large,
  precondition_failed,
  bad_digest,     ///< the MD5 is not the one that was told
  bad_checksum,   ///< nor is the checksum
  too_large,      ///< over kMaxContent
  invalid_range,  ///< one that ends after the object
  range_outside,  ///< one that starts after the object
  no_such_upload,
  unsupported_checksum,  ///< an algorithm that has no checksum of that type
  invalid_part_number,
  no_parts,               ///< an upload is to be completed of none
  invalid_part,           ///< one that was never uploaded, or is another one by now
  part_checksum_missing,  ///< of an upload whose checksum is made of those of the parts
  other_part_checksum,    ///< a part's, by another algorithm than the upload's
  other_checksum_type,    ///< an upload is to be completed with another type of checksum than its own
  bad_whole_checksum,     ///< the object of the upload has another one
  invalid_part_order,     ///< numbers must rise
  part_too_small,
  size_mismatch,  ///< of a completed upload and the size that was told
  too_many_notifications,
  notification_id_repeated,
  notifications_overlap,         ///< two without filters share an event
  notification_filters_overlap,  ///< two share an event, and a key may pass the filters of both
  too_many_events,               ///< wait for their delivery
};

/// What a failure is about, for callers that say it in words of their own. What a problem does not concern
/// stays empty.
struct Facts {
  int part = 0;           ///< its number
  std::string etag = {};  ///< of the part, as the client gave it
  std::optional<ChecksumAlgorithm> algorithm = {};
  std::optional<ChecksumType> type = {};
  std::uint64_t size = 0;      ///< that was found: of the part, the object or the source
  std::uint64_t expected = 0;  ///< the size that it should have, at least or exactly
  std::string events = {};     ///< of notifications that overlap
};

struct Failure : FailureOf<Problem> {
  using FailureOf::FailureOf;
  Facts facts = {};
};

[[nodiscard]] inline std::unexpected<Failure> refuse(Problem problem, std::string message, Facts facts = {}) {
  Failure failure(problem, std::move(message));
  failure.facts = std::move(facts);
  return std::unexpected(std::move(failure));
}

template <typename T>
using Answer = std::expected<T, Failure>;

}  // namespace sightline::buckets
