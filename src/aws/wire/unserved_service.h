#pragma once
// Requests for a service that is not served here: one port stands for all of AWS's endpoints, so that SDKs of
// any service come to it. They are told what they asked for, in a form of error that they can read.

#include <string>
#include <string_view>

#include "aws/wire/http.h"
#include "aws/wire/service_error.h"

namespace sightline::aws::wire {

/// What such a request asks for. Texts are the client's, as they came.
struct Unserved {
  std::string service;    ///< as its signature or its target names it; may be empty
  std::string operation;  ///< as its protocol names it, for a REST request "GET /path"; may be empty
  std::string version;    ///< of the API, where a form names it
};

/// How the SDK of the service `name` (in signatures) reads the errors of a REST request or a form.
[[nodiscard]] ErrorFormat error_format_of(const HttpRequest& request, std::string_view name);

/// The error for `asked`. `served` are the names of what is served, for the person who reads it.
[[nodiscard]] ServiceError unserved_service(const Unserved& asked, ErrorFormat format,
                                            std::string_view served);

/// The operation that a request without a form or target asks for: "GET /path", or the name in the path of
/// Smithy's CBOR protocol ("/service/NAME/operation/NAME").
[[nodiscard]] std::string operation_of_path(const HttpRequest& request);

/// For encode_error(): an error whose format is json, ec2 or cbor.
[[nodiscard]] HttpResponse encode_unserved(const ServiceError& error, std::string_view request_id);

}  // namespace sightline::aws::wire
