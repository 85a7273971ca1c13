#pragma once
// Which object a copy is made of.

#include <string>
#include <vector>

#include "aws/dispatch/permission.h"
#include "aws/wire/service_error.h"
#include "cloud/buckets/types.h"

namespace sightline::aws::s3 {

/// "/bucket/key%20with%20spaces?versionId=null". An object of the same account.
[[nodiscard]] wire::Answer<buckets::ObjectName> read_copy_source(std::string_view source,
                                                                 std::string_view account);

[[nodiscard]] std::string object_arn(std::string_view bucket, std::string_view key);

/// What a copy needs: reading the source, writing the target. Errors: those of read_copy_source().
template <typename Request>
[[nodiscard]] wire::Answer<std::vector<dispatch::AccessRequest>> copy_permissions(
    const Request& request, const dispatch::Context& context) {
  const auto from = TRY(read_copy_source(*request.copy_source, context.caller.account));
  return std::vector<dispatch::AccessRequest>{{"s3:GetObject", object_arn(from.bucket, from.key)},
                                              {"s3:PutObject", object_arn(*request.bucket, *request.key)}};
}

template <typename Request>
[[nodiscard]] buckets::Conditions source_conditions(const Request& request) {
  return {request.copy_source_if_match, request.copy_source_if_none_match,
          request.copy_source_if_modified_since, request.copy_source_if_unmodified_since};
}

}  // namespace sightline::aws::s3
