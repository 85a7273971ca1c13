#pragma once
// An error as a service answers it. Only what stands under src/aws makes these.

#include <expected>
#include <memory>
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
  /// What the exception's own members say, a struct of `shape`: for every protocol. See service_error().
  std::shared_ptr<const void> members = {};
  const Shape* shape = nullptr;
  /// In place of the service's own protocol: the error of a request for a service that is not served here.
  std::optional<ErrorFormat> format = {};
};

template <typename T>
using Answer = std::expected<T, ServiceError>;

[[nodiscard]] ServiceError service_error(const ErrorType& type, std::string message);
/// Of a type with a shape: `members` is the struct that was generated for it. Generated functions call this.
template <typename Members>
[[nodiscard]] ServiceError service_error(const ErrorType& type, std::string message, Members members) {
  ServiceError error = service_error(type, std::move(message));
  error.members = std::make_shared<const Members>(std::move(members));
  error.shape = type.shape;
  return error;
}

/// `return refuse(kQueueDoesNotExist, "...");` from a function that gives an Answer. `cause` is for the log.
[[nodiscard]] std::unexpected<ServiceError> refuse(const ErrorType& type, std::string message,
                                                   std::string cause = {});

/// Services that name and number their common errors alike: those of a protocol, and S3 by itself.
enum class ErrorFamily { json, query, rest_json, rest_xml, s3 };
[[nodiscard]] ErrorFamily error_family(const Service& service);

// Errors that every service of a family may give, whether or not its model says so.
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
/// The server has more to do than it takes on; SDKs try again.
[[nodiscard]] ServiceError overload_error(const Service& service);
/// The rest of the request did not come in time.
[[nodiscard]] ServiceError too_slow_error(const Service& service);
/// The body is larger than the operation takes.
[[nodiscard]] ServiceError too_large_error(const Service& service);

}  // namespace sightline::aws::wire
