#include "aws/s3/receiving.h"

namespace sightline::aws::s3 {

wire::Answer<void> check_length(const sigv4::PayloadDecoder& payload) {
  if (payload.length().value_or(0) <= buckets::kMaxContent) return {};
  return wire::refuse(kEntityTooLarge, "Your proposed upload exceeds the maximum allowed size");
}

}  // namespace sightline::aws::s3
