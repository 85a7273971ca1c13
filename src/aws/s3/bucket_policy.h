#pragma once
// What a bucket's policy may say, besides what cloud/policy checks of every resource's.

#include <string_view>

#include "aws/wire/service_error.h"
#include "cloud/policy/document.h"

namespace sightline::aws::s3 {

/// It must be about the bucket and objects in it, and name actions that apply to them. Errors:
/// MalformedPolicy.
[[nodiscard]] wire::Answer<policy::Document> read_bucket_policy(std::string_view text,
                                                                std::string_view bucket);

}  // namespace sightline::aws::s3
