#include "aws/rekognition/rekognition_error.h"

#include "aws/rekognition/model.h"

namespace sightline::aws::rekognition {

std::unexpected<wire::ServiceError> internal_failure(const Error& why) {
  return wire::refuse(kInternalServerError, "Internal server error", why.message);
}

}  // namespace sightline::aws::rekognition
