#pragma once
// Which object a copy is made of.

#include <string>
#include <vector>

#include "aws/dispatch/permission.h"
#include "aws/s3/request_checks.h"
#include "aws/wire/service_error.h"
#include "cloud/buckets/types.h"

namespace sightline::aws::s3 {

/// "/bucket/key%20with%20spaces?versionId=null". Of an account that is not known yet.
[[nodiscard]] wire::Answer<buckets::ObjectName> read_copy_source(std::string_view source);

/// The same with the account that the bucket is of. Errors: those of bucket_owner().
template <typename Request>
[[nodiscard]] wire::Answer<buckets::ObjectName> find_copy_source(const Request& request,
                                                                 const dispatch::Context& context,
                                                                 const buckets::Buckets& buckets) {
  auto from = TRY(read_copy_source(*request.copy_source));
  from.account = TRY(bucket_owner(from.bucket, request.expected_source_bucket_owner, context, buckets));
  return from;
}

[[nodiscard]] std::string bucket_arn(std::string_view bucket);
[[nodiscard]] std::string object_arn(std::string_view bucket, std::string_view key);

/// What a copy needs: reading the source, writing the target as PutObject does. Errors: those of
/// read_copy_source().
template <typename Request>
[[nodiscard]] wire::Answer<std::vector<dispatch::AccessRequest>> copy_permissions(
    const Request& request, const dispatch::Context& /*context*/) {
  const auto from = TRY(read_copy_source(*request.copy_source));
  dispatch::AccessRequest put{"s3:PutObject", object_arn(*request.bucket, *request.key)};
  put.conditions.emplace_back("s3:x-amz-copy-source", *request.copy_source);
  const auto add = [&put](const char* key, const std::optional<std::string>& value) {
    if (value) put.conditions.emplace_back(key, *value);
  };
  if constexpr (requires { request.acl; }) {
    add("s3:x-amz-acl", request.acl);
    add("s3:x-amz-storage-class", request.storage_class);
    add("s3:x-amz-server-side-encryption", request.server_side_encryption);
    add("s3:x-amz-metadata-directive", request.metadata_directive);
  }
  return std::vector<dispatch::AccessRequest>{{"s3:GetObject", object_arn(from.bucket, from.key)},
                                              std::move(put)};
}

template <typename Request>
[[nodiscard]] buckets::Conditions source_conditions(const Request& request) {
  return {request.copy_source_if_match, request.copy_source_if_none_match,
          request.copy_source_if_modified_since, request.copy_source_if_unmodified_since};
}

}  // namespace sightline::aws::s3
