#include "aws/sqs/sqs_error.h"

#include <fmt/format.h>

#include "aws/sqs/model.h"

namespace sightline::aws::sqs {
namespace {

// A code of every query service that the model does not name.
constexpr wire::ErrorType kInvalidParameterValue{"InvalidParameterValueException", "InvalidParameterValue",
                                                 400, wire::Fault::sender};

}  // namespace

wire::ServiceError queue_error(const Error& error) {
  if (error.kind == ErrorKind::not_found)
    return wire::service_error(kQueueDoesNotExist, "The specified queue does not exist.");
  return wire::internal_error(kService, error.message);
}

std::unexpected<wire::ServiceError> missing_queue_or(wire::ServiceError details, const queues::QueueKey& key,
                                                     queues::Queues& queues) {
  const auto found = queues.find(key);
  return std::unexpected(found ? std::move(details) : queue_error(found.error()));
}

std::unexpected<wire::ServiceError> invalid_parameter(std::string message) {
  return wire::refuse(kInvalidParameterValue, std::move(message));
}

std::unexpected<wire::ServiceError> unsupported(std::string_view what) {
  return wire::refuse(kUnsupportedOperation, fmt::format("{} is not supported here.", what));
}

}  // namespace sightline::aws::sqs
