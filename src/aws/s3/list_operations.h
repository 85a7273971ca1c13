#pragma once
// What a bucket holds.

#include "aws/s3/operations.h"

namespace sightline::aws::s3 {

void add_list_operations(dispatch::Operations& operations, const Dependencies& dependencies);

}  // namespace sightline::aws::s3
