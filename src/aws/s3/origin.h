#pragma once
// Who a request's changes come from, for those who are notified of them.

#include "aws/dispatch/context.h"
#include "cloud/buckets/types.h"

namespace sightline::aws::s3 {

/// A trace header that is too long, or not printable ASCII, is left out.
[[nodiscard]] buckets::Origin origin_of(const dispatch::Context& context);

}  // namespace sightline::aws::s3
