#pragma once
// Objects that come and go whole.

#include "aws/s3/operations.h"

namespace sightline::aws::s3 {

void add_object_operations(dispatch::Operations& operations, const Dependencies& dependencies);

}  // namespace sightline::aws::s3
