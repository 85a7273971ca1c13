#include "aws/sigv4/payload_parts.h"

namespace sightline::aws::sigv4 {
namespace {

std::unexpected<wire::ServiceError> named(const char* code, const char* message) {
  return std::unexpected(wire::ServiceError{code, code, message});
}

}  // namespace

std::unexpected<wire::ServiceError> payload_error(PayloadFailure failure) {
  switch (failure) {
    case PayloadFailure::bad_length:
      return named("InvalidArgument", "The length of the body must be told once, as a number.");
    case PayloadFailure::incomplete:
      return named("IncompleteBody",
                   "You did not provide the number of bytes specified by the Content-Length HTTP header");
    case PayloadFailure::bad_chunk:
      return named("InvalidRequest", "The chunks of the request body are not well-formed.");
    case PayloadFailure::bad_trailer:
      return named("MalformedTrailerError",
                   "The request contained trailing data that was not well-formed or did not conform to our "
                   "published schema.");
    case PayloadFailure::unannounced_end:
      break;
  }
  return named("InvalidRequest", "The request body goes on after its last chunk.");
}

wire::ServiceError broken_body(const Error& error) {
  switch (error.kind) {
    case ErrorKind::too_large:
      return named("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size").error();
    case ErrorKind::corrupt:
      return payload_error(PayloadFailure::bad_chunk).error();
    default:
      break;
  }
  return named("RequestTimeout",
               "Your socket connection to the server was not read from or written to within the timeout "
               "period. Idle connections will be closed.")
      .error();
}

}  // namespace sightline::aws::sigv4
