#include "aws/s3/request_checks.h"

#include <fmt/format.h>

#include "aws/dispatch/permission.h"
#include "aws/s3/copy_source.h"
#include "aws/s3/s3_error.h"

namespace sightline::aws::s3 {

std::unexpected<wire::ServiceError> not_implemented(std::string_view what) {
  return wire::refuse(
      kNotImplemented,
      fmt::format("A header you provided implies functionality that is not implemented: {}", what));
}

wire::Answer<void> check_acl(const std::string& acl) {
  if (acl == "private" || acl == "bucket-owner-full-control" || acl == "bucket-owner-read") return {};
  return wire::refuse(kAccessControlListNotSupported, "The bucket does not allow ACLs");
}

wire::Answer<void> check_storage_class(const std::string& storage_class) {
  // Those whose objects can be read at once differ in price alone.
  constexpr std::array kAtOnce = {"STANDARD",   "REDUCED_REDUNDANCY",  "STANDARD_IA",
                                  "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR"};
  if (std::ranges::find(kAtOnce, storage_class) != kAtOnce.end()) return {};
  return not_implemented(fmt::format("x-amz-storage-class: {}", storage_class));
}

wire::Answer<void> check_encryption(const std::string& algorithm) {
  if (algorithm == "AES256") return {};
  return not_implemented(fmt::format("x-amz-server-side-encryption: {}", algorithm));
}

wire::Answer<std::string> bucket_owner(const std::string& bucket, const std::optional<std::string>& expected,
                                       const dispatch::Context& context, const buckets::Buckets& buckets) {
  const auto access = buckets.access(context.caller.account, bucket);
  if (!access)
    return std::unexpected(
        error_of(buckets::Failure(buckets::Problem::no_such_bucket, "there is no such bucket"), {bucket}));
  if (expected && *expected != access->account) return wire::refuse(kAccessDenied, "Access Denied");
  return access->account;
}

wire::Answer<void> check_may_compare(const std::string& bucket, const std::string& key,
                                     const dispatch::Context& context) {
  return dispatch::check_access({"s3:GetObject", object_arn(bucket, key)}, context, kService);
}

wire::ServiceError error_for_reader(const buckets::Failure& failure, const Subject& subject,
                                    const dispatch::Context& context) {
  if (failure.problem == buckets::Problem::no_such_key) {
    auto listed = dispatch::check_access({"s3:ListBucket", bucket_arn(subject.bucket)}, context, kService);
    if (!listed) return std::move(listed).error();
  }
  return error_of(failure, subject);
}

}  // namespace sightline::aws::s3
