#pragma once
// Whom a bucket notifies: set and read.

#include "aws/s3/operations.h"

namespace sightline::aws::s3 {

void add_notification_operations(dispatch::Operations& operations, const Dependencies& dependencies);

}  // namespace sightline::aws::s3
