#pragma once
// An error as a service answers it. Only what stands under src/aws makes these.

#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "aws/wire/model.h"

namespace sightline::aws::wire {

/// How errors are written where no service of ours answers.
enum class ErrorFormat {
  json,   ///< also of REST: the code in a header and in the body
  query,  ///< also of REST in XML
  ec2,
  cbor,  ///< Smithy's RPC v2 protocol
};

struct ServiceError {
  std::string type;  ///< what json protocols call it
  std::string code;  ///< what query and XML protocols call it
  std::string message;
  int status = 400;
  Fault fault = Fault::sender;
  /// What else an XML error tells (BucketName, Key): element names and texts.
  std::vector<std::pair<std::string, std::string>> details = {};
  /// What went wrong here, with the remedy: for the log, never for the caller.
  std::string cause = {};
  /// In place of the service's own protocol: the error of a request for a service that is not served here.
  std::optional<ErrorFormat> format = {};
};

template <typename T>
using Answer = std::expected<T, ServiceError>;

[[nodiscard]] ServiceError service_error(const ErrorType& type, std::string message);

/// `return refuse(kQueueDoesNotExist, "...");` from a function that gives an Answer. `cause` is for the log.
[[nodiscard]] std::unexpected<ServiceError> refuse(const ErrorType& type, std::string message,
                                                   std::string cause = {});

// Errors that every service of a protocol may give, whether or not its model says so.
[[nodiscard]] ServiceError validation_error(const Service& service, std::string message);
/// The request cannot be read at all: broken JSON, XML or form.
[[nodiscard]] ServiceError malformed_error(const Service& service, std::string message);
/// `name` is an operation that the service has, but that is not carried out here.
[[nodiscard]] ServiceError unsupported_operation(const Service& service, std::string_view name);
/// The service has no such operation. `version` is that of the API, where the request names one.
[[nodiscard]] ServiceError unknown_operation(const Service& service, std::string_view name,
                                             std::string_view version = {});
/// A client's text for an error's message: shortened, and question marks for all but printable ASCII.
[[nodiscard]] std::string printable_text(std::string_view text);
/// `cause` is for the log.
[[nodiscard]] ServiceError internal_error(const Service& service, std::string cause = {});

}  // namespace sightline::aws::wire
