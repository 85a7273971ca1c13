#pragma once
// Objects on their way out: whole, in part, or their head alone.

#include "aws/s3/operations.h"

namespace sightline::aws::s3 {

[[nodiscard]] wire::Answer<dispatch::Downloaded<GetObject>> get_object(const GetObjectRequest& request,
                                                                       const dispatch::Context& context,
                                                                       buckets::Buckets& buckets);
[[nodiscard]] wire::Answer<HeadObjectOutput> head_object(const HeadObjectRequest& request,
                                                         const dispatch::Context& context,
                                                         buckets::Buckets& buckets);

}  // namespace sightline::aws::s3
