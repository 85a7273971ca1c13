#pragma once
// Objects that come in parts.

#include "aws/s3/operations.h"

namespace sightline::aws::s3 {

void add_upload_operations(dispatch::Operations& operations, const Dependencies& dependencies);

}  // namespace sightline::aws::s3
