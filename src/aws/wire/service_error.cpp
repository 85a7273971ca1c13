#include "aws/wire/service_error.h"

#include <fmt/format.h>

#include <array>

namespace sightline::aws::wire {
namespace {

/// A common error. In its message {0} is what the caller of a function here says, {1} the service's name, {2}
/// the version of its API.
struct Words {
  std::string_view code;
  int status;
  std::string_view message = "{0}";
};

struct Family {
  Words validation;
  Words malformed;
  Words unsupported;
  Words unknown;
  Words internal;
  Words overload;
  Words too_slow;
  Words too_large;
};

constexpr std::string_view kInternal = "The request failed because of an internal error.";
constexpr std::string_view kNotHere = "The operation {0} of {1} is not supported here.";
constexpr std::string_view kNoSuch = "{1} has no operation '{0}'.";
constexpr std::string_view kBusy = "The server is working on as many requests as it can; try again.";
constexpr std::string_view kTooLarge = "The request body is larger than this operation takes.";
constexpr std::string_view kTooSlow =
    "Your socket connection to the server was not read from or written to within the timeout period. Idle "
    "connections "
    "will be closed.";

/// By ErrorFamily.
constexpr std::array<Family, 5> kFamilies = {{
    {.validation = {"ValidationException", 400},
     .malformed = {"SerializationException", 400},
     .unsupported = {"UnknownOperationException", 400, kNotHere},
     .unknown = {"UnknownOperationException", 400, kNoSuch},
     .internal = {"InternalServerError", 500, kInternal},
     .overload = {"ThrottlingException", 400, kBusy},
     .too_slow = {"RequestTimeout", 408, kTooSlow},
     .too_large = {"RequestEntityTooLargeException", 413, kTooLarge}},
    {.validation = {"ValidationError", 400},
     .malformed = {"MalformedInput", 400},
     .unsupported = {"InvalidAction", 400, "The action {0} of {1} is not supported here."},
     .unknown = {"InvalidAction", 400, "Could not find operation {0} for version {2}"},
     .internal = {"InternalFailure", 500, kInternal},
     .overload = {"Throttling", 400, kBusy},
     .too_slow = {"RequestTimeout", 408, kTooSlow},
     .too_large = {"RequestEntityTooLargeException", 413, kTooLarge}},
    {.validation = {"ValidationException", 400},
     .malformed = {"SerializationException", 400},
     .unsupported = {"UnknownOperationException", 404, kNotHere},
     .unknown = {"UnknownOperationException", 404, kNoSuch},
     .internal = {"InternalServerError", 500, kInternal},
     .overload = {"TooManyRequestsException", 429, kBusy},
     .too_slow = {"RequestTimeout", 408, kTooSlow},
     .too_large = {"RequestEntityTooLargeException", 413, kTooLarge}},
    {.validation = {"ValidationError", 400},
     .malformed = {"MalformedInput", 400},
     .unsupported = {"UnknownOperationException", 404, kNotHere},
     .unknown = {"UnknownOperationException", 404, kNoSuch},
     .internal = {"InternalFailure", 500, kInternal},
     .overload = {"Throttling", 400, kBusy},
     .too_slow = {"RequestTimeout", 408, kTooSlow},
     .too_large = {"RequestEntityTooLargeException", 413, kTooLarge}},
    {.validation = {"InvalidArgument", 400},
     .malformed = {"MalformedXML", 400},
     .unsupported = {"NotImplemented", 501,
                     "A header or query you provided implies functionality that is not implemented: {0}."},
     .unknown = {"MethodNotAllowed", 405, "The specified method is not allowed against this resource."},
     .internal = {"InternalError", 500, "We encountered an internal error. Please try again."},
     .overload = {"SlowDown", 503, kBusy},
     .too_slow = {"RequestTimeout", 400, kTooSlow},
     .too_large = {"EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed size"}},
}};

ServiceError common(const Service& service, Words Family::* which, std::string_view text = {},
                    std::string_view version = {}) {
  const Words& words = kFamilies.at(static_cast<std::size_t>(error_family(service))).*which;
  return {std::string(words.code), std::string(words.code),
          fmt::format(fmt::runtime(words.message), text, service.name, version), words.status,
          words.status < 500 ? Fault::sender : Fault::receiver};
}

}  // namespace

ServiceError service_error(const ErrorType& type, std::string message) {
  return {std::string(type.name), std::string(type.code), std::move(message), type.status, type.fault};
}

std::unexpected<ServiceError> refuse(const ErrorType& type, std::string message, std::string cause) {
  ServiceError error = service_error(type, std::move(message));
  error.cause = std::move(cause);
  return std::unexpected(std::move(error));
}

ErrorFamily error_family(const Service& service) {
  if (service.traits.s3_answers) return ErrorFamily::s3;
  switch (service.protocol) {
    case Protocol::json:
      return ErrorFamily::json;
    case Protocol::query:
      return ErrorFamily::query;
    case Protocol::rest_json:
      return ErrorFamily::rest_json;
    case Protocol::rest_xml:
      break;
  }
  return ErrorFamily::rest_xml;
}

ServiceError validation_error(const Service& service, std::string message) {
  return common(service, &Family::validation, message);
}

ServiceError malformed_error(const Service& service, std::string message) {
  return common(service, &Family::malformed, message);
}

ServiceError unsupported_operation(const Service& service, std::string_view name) {
  return common(service, &Family::unsupported, name);
}

ServiceError unknown_operation(const Service& service, std::string_view name, std::string_view version) {
  return common(service, &Family::unknown, printable_text(name),
                version.empty() ? std::string(service.api_version) : printable_text(version));
}

std::string printable_text(std::string_view text) {
  constexpr std::size_t kLongest = 128;
  std::string out(text.substr(0, kLongest));
  for (char& c : out) {
    if (c < ' ' || c > '~') c = '?';
  }
  return out;
}

ServiceError internal_error(const Service& service, std::string cause) {
  ServiceError error = common(service, &Family::internal);
  error.cause = std::move(cause);
  return error;
}

ServiceError overload_error(const Service& service) {
  ServiceError error = common(service, &Family::overload);
  if (!service.throttling.empty()) error.type = error.code = service.throttling;
  return error;
}

ServiceError too_slow_error(const Service& service) {
  return common(service, &Family::too_slow);
}

ServiceError too_large_error(const Service& service) {
  return common(service, &Family::too_large);
}

}  // namespace sightline::aws::wire
