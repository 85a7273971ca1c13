#pragma once
// The policies of buckets, and what keeps the public out whatever they say.

#include "aws/s3/operations.h"

namespace sightline::aws::s3 {

void add_policy_operations(dispatch::Operations& operations, const Dependencies& dependencies);

}  // namespace sightline::aws::s3
