#pragma once
// What S3 has and this server has not is refused where it would be missed; what makes no difference to what
// an object is (the price of its storage, say) is let pass.

#include <algorithm>
#include <array>

#include "aws/dispatch/context.h"
#include "aws/s3/model.h"
#include "aws/s3/s3_error.h"
#include "aws/wire/service_error.h"
#include "cloud/buckets/buckets.h"

namespace sightline::aws::s3 {

/// "x-amz-tagging implies functionality that is not implemented."
[[nodiscard]] std::unexpected<wire::ServiceError> not_implemented(std::string_view what);
[[nodiscard]] wire::Answer<void> check_acl(const std::string& acl);
[[nodiscard]] wire::Answer<void> check_storage_class(const std::string& storage_class);
[[nodiscard]] wire::Answer<void> check_encryption(const std::string& algorithm);

/// Of whatever request: the members that it has.
template <typename Request>
[[nodiscard]] wire::Answer<void> check_request(const Request& request) {
  if constexpr (requires { request.version_id; }) {
    if (request.version_id && *request.version_id != "null")
      return wire::refuse(kNoSuchVersion, "The specified version does not exist.");
  }
  if constexpr (requires { request.acl; }) {
    if (request.acl) TRY(check_acl(*request.acl));
  }
  if constexpr (requires { request.grant_read; }) {
    if (request.grant_full_control || request.grant_read || request.grant_read_acp || request.grant_write_acp)
      return wire::refuse(kAccessControlListNotSupported, "The bucket does not allow ACLs");
  }
  if constexpr (requires { request.storage_class; }) {
    if (request.storage_class) TRY(check_storage_class(*request.storage_class));
  }
  if constexpr (requires { request.server_side_encryption; }) {
    if (request.server_side_encryption) TRY(check_encryption(*request.server_side_encryption));
  }
  if constexpr (requires { request.sse_customer_algorithm; }) {
    if (request.sse_customer_algorithm || request.sse_customer_key)
      return not_implemented("x-amz-server-side-encryption-customer-algorithm");
  }
  if constexpr (requires { request.copy_source_sse_customer_algorithm; }) {
    if (request.copy_source_sse_customer_algorithm)
      return not_implemented("x-amz-copy-source-server-side-encryption-customer-algorithm");
  }
  if constexpr (requires { request.tagging; }) {
    if (request.tagging && !request.tagging->empty()) return not_implemented("x-amz-tagging");
  }
  if constexpr (requires { request.website_redirect_location; }) {
    if (request.website_redirect_location) return not_implemented("x-amz-website-redirect-location");
  }
  if constexpr (requires { request.object_lock_mode; }) {
    if (request.object_lock_mode || request.object_lock_legal_hold_status || request.object_lock_event_hold)
      return wire::refuse(kInvalidRequest, "Bucket is missing Object Lock Configuration");
  }
  if constexpr (requires { request.write_offset_bytes; }) {
    if (request.write_offset_bytes) return not_implemented("x-amz-write-offset-bytes");
  }
  if constexpr (requires { request.mfa; }) {
    if (request.mfa) return not_implemented("x-amz-mfa");
  }
  return {};
}

/// Whose the bucket is, which is the account that the request expects, if it expects one. Errors:
/// NoSuchBucket, AccessDenied.
[[nodiscard]] wire::Answer<std::string> bucket_owner(const std::string& bucket,
                                                     const std::optional<std::string>& expected,
                                                     const dispatch::Context& context,
                                                     const buckets::Buckets& buckets);

/// As error_of(), for who wants to read an object: that it is missing is for those to know who may list its
/// bucket, others are denied.
[[nodiscard]] wire::ServiceError error_for_reader(const buckets::Failure& failure, const Subject& subject,
                                                  const dispatch::Context& context);
template <typename T>
[[nodiscard]] wire::Answer<T> to_reader_answer(buckets::Answer<T> answer, const Subject& subject,
                                               const dispatch::Context& context) {
  if (answer) return *std::move(answer);
  return std::unexpected(error_for_reader(answer.error(), subject, context));
}

/// Whoever makes something depend on the object that is there must be allowed to read it. Source: "Add
/// preconditions to S3 operations with conditional requests" in Amazon S3's user guide.
[[nodiscard]] wire::Answer<void> check_may_compare(const std::string& bucket, const std::string& key,
                                                   const dispatch::Context& context);

/// Checks the request, and finds whose bucket it names: the account that its objects are found by.
template <typename Request>
[[nodiscard]] wire::Answer<std::string> check_and_find_owner(const Request& request,
                                                             const dispatch::Context& context,
                                                             const buckets::Buckets& buckets) {
  TRY(check_request(request));
  auto owner = TRY(bucket_owner(*request.bucket, request.expected_bucket_owner, context, buckets));
  if constexpr (requires { request.if_match; }) {
    if (request.if_match) TRY(check_may_compare(*request.bucket, *request.key, context));
  }
  return owner;
}

}  // namespace sightline::aws::s3
