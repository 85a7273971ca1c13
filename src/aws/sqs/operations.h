#pragma once
// Amazon Simple Queue Service's operations.

#include "aws/dispatch/operations.h"
#include "cloud/queues/queues.h"

namespace sightline::aws::sqs {

/// What the handlers use; all of it outlives them.
struct Dependencies {
  queues::Queues& queues;
  WorkerPool& quick;
};

void add_operations(dispatch::Operations& operations, const Dependencies& dependencies);

}  // namespace sightline::aws::sqs
