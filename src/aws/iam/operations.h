#pragma once
// AWS Identity and Access Management's operations.

#include "aws/dispatch/operations.h"
#include "cloud/identity/identities.h"

namespace sightline::aws::iam {

/// What the handlers use; all of it outlives them.
struct Dependencies {
  identity::Identities& identities;
  WorkerPool& quick;
};

void add_operations(dispatch::Operations& operations, const Dependencies& dependencies);

}  // namespace sightline::aws::iam
