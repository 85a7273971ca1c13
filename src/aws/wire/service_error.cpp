#include "aws/wire/service_error.h"

#include <fmt/format.h>

namespace sightline::aws::wire {
namespace {

ServiceError named(std::string_view code, std::string message, int status) {
  return {std::string(code), std::string(code), std::move(message), status,
          status < 500 ? Fault::sender : Fault::receiver};
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

ServiceError validation_error(const Service& service, std::string message) {
  switch (service.protocol) {
    case Protocol::json:
      return named("ValidationException", std::move(message), 400);
    case Protocol::query:
      return named("ValidationError", std::move(message), 400);
    case Protocol::rest_xml:
      return named("InvalidArgument", std::move(message), 400);
  }
  return internal_error(service);
}

ServiceError malformed_error(const Service& service, std::string message) {
  switch (service.protocol) {
    case Protocol::json:
      return named("SerializationException", std::move(message), 400);
    case Protocol::query:
      return named("MalformedInput", std::move(message), 400);
    case Protocol::rest_xml:
      return named("MalformedXML", std::move(message), 400);
  }
  return internal_error(service);
}

ServiceError unsupported_operation(const Service& service, std::string_view name) {
  switch (service.protocol) {
    case Protocol::json:
      return named("UnknownOperationException",
                   fmt::format("The operation {} of {} is not supported here.", name, service.name), 400);
    case Protocol::query:
      return named("InvalidAction",
                   fmt::format("The action {} of {} is not supported here.", name, service.name), 400);
    case Protocol::rest_xml:
      return named(
          "NotImplemented",
          fmt::format("A header or query you provided implies functionality that is not implemented: {}.",
                      name),
          501);
  }
  return internal_error(service);
}

ServiceError unknown_operation(const Service& service, std::string_view name, std::string_view version) {
  switch (service.protocol) {
    case Protocol::json:
      return named("UnknownOperationException",
                   fmt::format("{} has no operation '{}'.", service.name, printable_text(name)), 400);
    case Protocol::query:
      return named("InvalidAction",
                   fmt::format("Could not find operation {} for version {}", printable_text(name),
                               version.empty() ? service.api_version : printable_text(version)),
                   400);
    case Protocol::rest_xml:
      return named("MethodNotAllowed", "The specified method is not allowed against this resource.", 405);
  }
  return internal_error(service);
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
  const auto error = [&](std::string_view code, std::string_view message) {
    ServiceError made = named(code, std::string(message), 500);
    made.cause = std::move(cause);
    return made;
  };
  switch (service.protocol) {
    case Protocol::json:
      return error("InternalServerError", "The request failed because of an internal error.");
    case Protocol::query:
      return error("InternalFailure", "The request failed because of an internal error.");
    case Protocol::rest_xml:
      break;
  }
  return error("InternalError", "We encountered an internal error. Please try again.");
}

}  // namespace sightline::aws::wire
