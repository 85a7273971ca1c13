#pragma once
// Which object a copy is made of.

#include <string>

#include "aws/wire/service_error.h"
#include "cloud/buckets/types.h"

namespace sightline::aws::s3 {

/// "/bucket/key%20with%20spaces?versionId=null". An object of the same account.
[[nodiscard]] wire::Answer<buckets::ObjectName> read_copy_source(std::string_view source,
                                                                 std::string_view account);

template <typename Request>
[[nodiscard]] buckets::Conditions source_conditions(const Request& request) {
  return {request.copy_source_if_match, request.copy_source_if_none_match,
          request.copy_source_if_modified_since, request.copy_source_if_unmodified_since};
}

}  // namespace sightline::aws::s3
