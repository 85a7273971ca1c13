#pragma once
// Amazon S3's operations.

#include "aws/dispatch/operations.h"
#include "aws/s3/model.h"
#include "cloud/buckets/buckets.h"
#include "cloud/bus/target.h"

namespace sightline::aws::s3 {

/// What the handlers use; all of it outlives them.
struct Dependencies {
  buckets::Buckets& buckets;
  const bus::Targets& targets;  ///< of notifications
  WorkerPool& quick;            ///< for calls that only read and write tables
  WorkerPool& transfer;         ///< for calls that move bytes
};

/// A handler that answers from a request and the buckets alone.
template <typename Op>
using Handler = wire::Answer<typename Op::Response> (*)(const typename Op::Request&, const dispatch::Context&,
                                                        buckets::Buckets&);
template <typename Op>
void add_unary(dispatch::Operations& operations, WorkerPool& pool, std::uint64_t max_body,
               buckets::Buckets& buckets, Handler<Op> handler, dispatch::RequestCheck check = {}) {
  operations.unary<Op>(
      pool, max_body,
      [&buckets, handler](const typename Op::Request& request, const dispatch::Context& context) {
        return handler(request, context, buckets);
      },
      std::move(check));
}

void add_operations(dispatch::Operations& operations, const Dependencies& dependencies);

}  // namespace sightline::aws::s3
