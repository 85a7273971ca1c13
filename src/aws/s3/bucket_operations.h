#pragma once
// Buckets as such.

#include "aws/s3/operations.h"

namespace sightline::aws::s3 {

void add_bucket_operations(dispatch::Operations& operations, const Dependencies& dependencies);

}  // namespace sightline::aws::s3
