#include "aws/s3/s3_error.h"

#include <array>

#include "aws/s3/key_spelling.h"

namespace sightline::aws::s3 {
namespace {

using buckets::Problem;

/// What of the subject an error tells.
enum class Tells { nothing, bucket, key, upload };

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
    {Problem::no_such_bucket, &kNoSuchBucket, Tells::bucket, "The specified bucket does not exist"},
    {Problem::bucket_not_empty, &kBucketNotEmpty, Tells::bucket,
     "The bucket you tried to delete is not empty"},
    {Problem::no_such_key, &kNoSuchKey, Tells::key, "The specified key does not exist."},
    {Problem::key_too_long, &kKeyTooLongError, Tells::nothing, "Your key is too long"},
    {Problem::metadata_too_large, &kMetadataTooLarge, Tells::nothing,
     "Your metadata headers exceed the maximum allowed metadata size"},
    {Problem::precondition_failed, &kPreconditionFailed, Tells::nothing,
     "At least one of the pre-conditions you specified did not hold"},
    {Problem::bad_digest, &kBadDigest, Tells::nothing,
     "The Content-MD5 you specified did not match what we received."},
    {Problem::bad_checksum, &kBadDigest, Tells::nothing,
     "The checksum you specified did not match the calculated checksum."},
    {Problem::too_large, &kEntityTooLarge, Tells::nothing,
     "Your proposed upload exceeds the maximum allowed size"},
    {Problem::invalid_range, &kInvalidArgument, Tells::nothing,
     "Range specified is not valid for source object"},
    {Problem::no_such_upload, &kNoSuchUpload, Tells::upload,
     "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted "
     "or completed."},
    {Problem::unsupported_checksum, &kInvalidRequest, Tells::nothing,
     "The checksum type cannot be used with the checksum algorithm."},
    {Problem::invalid_part_number, &kInvalidArgument, Tells::nothing,
     "Part number must be an integer between 1 and 10000, inclusive"},
    {Problem::invalid_part, &kInvalidPart, Tells::upload,
     "One or more of the specified parts could not be found.  The part may not have been uploaded, or the "
     "specified entity tag may not match the part's entity tag."},
    {Problem::invalid_part_order, &kInvalidPartOrder, Tells::upload,
     "The list of parts was not in ascending order. Parts must be ordered by part number."},
    {Problem::part_too_small, &kEntityTooSmall, Tells::nothing,
     "Your proposed upload is smaller than the minimum allowed size"},
    {Problem::size_mismatch, &kInvalidRequest, Tells::nothing,
     "The provided 'x-amz-mp-object-size' header does not match what was computed."},
};

}  // namespace

wire::ServiceError error_of(const buckets::Failure& failure, const Subject& subject) {
  for (const Row& row : kRows) {
    if (row.problem != failure.problem) continue;
    wire::ServiceError error = wire::service_error(*row.type, row.message);
    if (row.tells == Tells::bucket) error.details = {{"BucketName", subject.bucket}};
    if (row.tells == Tells::key) {
      if (const auto key = key_in_answer(subject.key)) error.details = {{"Key", *key}};
    }
    if (row.tells == Tells::upload) error.details = {{"UploadId", subject.upload}};
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
