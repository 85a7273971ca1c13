#include "aws/s3/s3_error.h"

#include <fmt/format.h>

#include "aws/s3/key_spelling.h"
#include "base/ascii.h"

namespace sightline::aws::s3 {
namespace {

using buckets::Problem;

/// What of the subject an error tells.
enum class Tells { nothing, bucket, key, upload, part, small_part, events };

/// A message may name the failure's facts: {algorithm} and {ALGORITHM}, {type}, {part}, {size}, {expected}.
struct Row {
  Problem problem;
  const wire::ErrorType* type;
  Tells tells;
  const char* message;
};

constexpr Row kRows[] = {
    {Problem::invalid_bucket_name, &kInvalidBucketName, Tells::bucket, "The specified bucket is not valid."},
    {Problem::bucket_exists, &kBucketAlreadyOwnedByYou, Tells::bucket,
     "Your previous request to create the named bucket succeeded and you already own it."},
    {Problem::bucket_taken, &kBucketAlreadyExists, Tells::bucket,
     "The requested bucket name is not available. The bucket namespace is shared by all users of the system. "
     "Please select a different name and try again."},
    {Problem::too_many_buckets, &kTooManyBuckets, Tells::nothing,
     "You have attempted to create more buckets than allowed"},
    {Problem::no_such_bucket, &kNoSuchBucket, Tells::bucket, "The specified bucket does not exist"},
    {Problem::bucket_not_empty, &kBucketNotEmpty, Tells::bucket,
     "The bucket you tried to delete is not empty"},
    {Problem::no_such_key, &kNoSuchKey, Tells::key, "The specified key does not exist."},
    {Problem::key_too_long, &kKeyTooLongError, Tells::nothing, "Your key is too long"},
    {Problem::key_not_xml, &kInvalidArgument, Tells::nothing,
     "Object keys must be UTF-8, without the characters that XML 1.0 cannot carry: control characters other "
     "than "
     "tab, line feed and carriage return, U+FFFE and U+FFFF"},
    {Problem::metadata_too_large, &kMetadataTooLarge, Tells::nothing,
     "Your metadata headers exceed the maximum allowed metadata size"},
    {Problem::precondition_failed, &kPreconditionFailed, Tells::nothing,
     "At least one of the pre-conditions you specified did not hold"},
    {Problem::bad_digest, &kBadDigest, Tells::nothing,
     "The Content-MD5 you specified did not match what we received."},
    {Problem::bad_checksum, &kBadDigest, Tells::nothing,
     "The {ALGORITHM} you specified did not match the calculated checksum."},
    {Problem::too_large, &kEntityTooLarge, Tells::nothing,
     "Your proposed upload exceeds the maximum allowed size"},
    {Problem::invalid_range, &kInvalidArgument, Tells::nothing,
     "Range specified is not valid for source object of size: {size}"},
    {Problem::range_outside, &kInvalidRequest, Tells::nothing,
     "The specified copy range is invalid for the source object size"},
    {Problem::no_such_upload, &kNoSuchUpload, Tells::upload,
     "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted "
     "or completed."},
    {Problem::unsupported_checksum, &kInvalidRequest, Tells::nothing,
     "The {type} checksum type cannot be used with the {algorithm} checksum algorithm."},
    {Problem::invalid_part_number, &kInvalidArgument, Tells::nothing,
     "Part number must be an integer between 1 and 10000, inclusive"},
    {Problem::no_parts, &kInvalidRequest, Tells::nothing, "You must specify at least one part"},
    {Problem::part_checksum_missing, &kInvalidRequest, Tells::nothing,
     "The upload was created using a {algorithm} checksum. The complete request must include the checksum "
     "for each "
     "part. It was missing for part {part} in the request."},
    {Problem::other_part_checksum, &kBadDigest, Tells::nothing,
     "The {algorithm} you specified for part {part} did not match what we received."},
    {Problem::other_checksum_type, &kInvalidRequest, Tells::nothing,
     "The upload was created using the {type} checksum mode. The complete request must use the same checksum "
     "mode."},
    {Problem::bad_whole_checksum, &kBadDigest, Tells::nothing,
     "The {algorithm} you specified did not match the calculated checksum."},
    {Problem::invalid_part, &kInvalidPart, Tells::part,
     "One or more of the specified parts could not be found.  The part may not have been uploaded, or the "
     "specified entity tag may not match the part's entity tag."},
    {Problem::invalid_part_order, &kInvalidPartOrder, Tells::upload,
     "The list of parts was not in ascending order. Parts must be ordered by part number."},
    {Problem::part_too_small, &kEntityTooSmall, Tells::small_part,
     "Your proposed upload is smaller than the minimum allowed size"},
    {Problem::size_mismatch, &kInvalidRequest, Tells::nothing,
     "The provided 'x-amz-mp-object-size' header value {expected} does not match what was computed: {size}"},
    {Problem::too_many_notifications, &kInvalidArgument, Tells::nothing,
     "A bucket has 100 notification configurations at most"},
    {Problem::notification_id_repeated, &kInvalidArgument, Tells::nothing,
     "Same ID used for multiple configurations. IDs must be unique"},
    {Problem::notifications_overlap, &kInvalidArgument, Tells::events,
     "Configurations overlap. Configurations on the same bucket cannot share a common event type."},
    {Problem::notification_filters_overlap, &kInvalidArgument, Tells::events,
     "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes "
     "are "
     "overlapping for the same event type."},
    {Problem::too_many_events, &kSlowDown, Tells::nothing, "Please reduce your request rate."},
};

std::string message_of(const Row& row, const buckets::Facts& facts) {
  const std::string algorithm(facts.algorithm ? buckets::name_of(*facts.algorithm) : "checksum");
  return fmt::format(
      fmt::runtime(row.message), fmt::arg("ALGORITHM", algorithm), fmt::arg("algorithm", to_lower(algorithm)),
      fmt::arg("type", facts.type ? buckets::name_of(*facts.type) : "null"), fmt::arg("part", facts.part),
      fmt::arg("size", facts.size), fmt::arg("expected", facts.expected));
}

std::vector<std::pair<std::string, std::string>> details_of(Tells tells, const Subject& subject,
                                                            const buckets::Facts& facts) {
  const std::string part = fmt::format("{}", facts.part);
  switch (tells) {
    case Tells::nothing:
      break;
    case Tells::bucket:
      return {{"BucketName", subject.bucket}};
    case Tells::key:
      if (const auto key = key_in_answer(subject.key)) return {{"Key", *key}};
      break;
    case Tells::upload:
      return {{"UploadId", subject.upload}};
    case Tells::part:
      return {{"ETag", facts.etag}, {"PartNumber", part}, {"UploadId", subject.upload}};
    case Tells::small_part:
      return {{"ETag", facts.etag},
              {"MinSizeAllowed", fmt::format("{}", facts.expected)},
              {"PartNumber", part},
              {"ProposedSize", fmt::format("{}", facts.size)}};
    case Tells::events:
      return {{"ArgumentName", "Event"}, {"ArgumentValue", facts.events}};
  }
  return {};
}

}  // namespace

wire::ServiceError error_of(const buckets::Failure& failure, const Subject& subject) {
  for (const Row& row : kRows) {
    if (row.problem != failure.problem) continue;
    wire::ServiceError error = wire::service_error(*row.type, message_of(row, failure.facts));
    error.details = details_of(row.tells, subject, failure.facts);
    return error;
  }
  if (failure.error.kind == ErrorKind::no_space) {
    // Not 503: SDKs would send a large body again and again.
    auto error = wire::service_error(kInsufficientStorage, "The server has no space left for this.");
    error.cause = failure.error.message;
    return error;
  }
  return wire::internal_error(kService, failure.error.message);
}

}  // namespace sightline::aws::s3
