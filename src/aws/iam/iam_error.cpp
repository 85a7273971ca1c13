#include "aws/iam/iam_error.h"

#include <fmt/format.h>

#include "aws/iam/model.h"
#include "base/base64.h"

namespace sightline::aws::iam {

std::unexpected<wire::ServiceError> failure(const Error& error) {
  return wire::refuse(kServiceFailureException, "The request failed because of an internal error.",
                      error.message);
}

std::unexpected<wire::ServiceError> no_such_user(std::string_view name) {
  return wire::refuse(kNoSuchEntityException, fmt::format("The user with name {} cannot be found.", name));
}

std::unexpected<wire::ServiceError> unsupported_parameter(std::string_view name) {
  return wire::refuse(kInvalidInputException, fmt::format("The parameter {} is not supported here.", name));
}

std::string marker_of(std::string_view position) {
  return base64_encode({reinterpret_cast<const std::uint8_t*>(position.data()), position.size()});
}

wire::Answer<std::string> position_of(std::string_view marker) {
  Bytes bytes;
  if (!base64_decode(marker, bytes))
    return std::unexpected(wire::validation_error(kService, "Invalid Marker."));
  return std::string(bytes.begin(), bytes.end());
}

}  // namespace sightline::aws::iam
