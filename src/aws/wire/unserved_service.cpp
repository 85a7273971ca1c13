#include "aws/wire/unserved_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "aws/wire/json_codec.h"
#include "aws/wire/router.h"
#include "aws/wire/uri.h"
#include "aws/wire/xml_writer.h"
#include "base/ascii.h"

namespace sightline::aws::wire {
namespace {

constexpr std::string_view kCborProtocol = "rpc-v2-cbor";
constexpr std::string_view kCborOperation = "/operation/";
/// REST services whose SDKs read XML. S3's control plane is one.
constexpr std::array<std::string_view, 5> kXmlServices{"cloudfront", "route53", "s3control", "s3-outposts",
                                                       "s3express"};

bool speaks_cbor(const HttpRequest& request) {
  const auto protocol = request.headers.find("smithy-protocol");
  return protocol && equals_ignoring_case(*protocol, kCborProtocol);
}

bool has_action(const HttpRequest& request) {
  const auto query = parse_query(request.query());
  return query && std::ranges::find(*query, "Action", &Parameter::name) != query->end();
}

/// CBOR (RFC 8949) of a text: major type 3, and its length in as few bytes as may be.
void put_cbor_text(std::string& out, std::string_view text) {
  const std::size_t size = text.size();
  if (size < 24) {
    out += static_cast<char>(0x60U | size);
  } else if (size < 256) {
    out += '\x78';
    out += static_cast<char>(size);
  } else {
    out += '\x79';
    out += static_cast<char>((size >> 8U) & 0xFFU);
    out += static_cast<char>(size & 0xFFU);
  }
  out += text;
}

std::string cbor_error(const ServiceError& error) {
  std::string body = "\xA2";  // a map of two
  put_cbor_text(body, "__type");
  put_cbor_text(body, error.type);
  put_cbor_text(body, "message");
  put_cbor_text(body, error.message);
  return body;
}

std::string ec2_error(const ServiceError& error, std::string_view request_id) {
  XmlWriter xml;
  xml.open("Response");
  xml.open("Errors");
  xml.open("Error");
  xml.element("Code", error.code);
  xml.element("Message", error.message);
  xml.close("Error");
  xml.close("Errors");
  xml.element("RequestID", request_id);
  xml.close("Response");
  return xml.take();
}

}  // namespace

ErrorFormat error_format_of(const HttpRequest& request, std::string_view name) {
  if (request.headers.find("x-amz-target")) return ErrorFormat::json;
  if (speaks_cbor(request)) return ErrorFormat::cbor;
  if (name == "ec2") return ErrorFormat::ec2;
  if (is_form(request) || has_action(request)) return ErrorFormat::query;
  return std::ranges::find(kXmlServices, name) == kXmlServices.end() ? ErrorFormat::json : ErrorFormat::query;
}

std::string operation_of_path(const HttpRequest& request) {
  const std::string_view path = request.path();
  const std::size_t at = path.rfind(kCborOperation);
  if (speaks_cbor(request) && at != std::string_view::npos) {
    return std::string(path.substr(at + kCborOperation.size()));
  }
  return fmt::format("{} {}", request.method, path);
}

ServiceError unserved_service(const Unserved& asked, ErrorFormat format, std::string_view served) {
  std::string what;
  if (!asked.operation.empty()) what = fmt::format(" '{}'", printable_text(asked.operation));
  if (!asked.version.empty()) what += fmt::format(" of version '{}'", printable_text(asked.version));
  std::string message =
      asked.service.empty()
          ? fmt::format("No service here has the operation{}", what)
          : fmt::format("The service '{}', whose operation{} was asked for, is not served here",
                        printable_text(asked.service), what);
  message += fmt::format("; {} are.", served);
  const bool xml = format == ErrorFormat::query || format == ErrorFormat::ec2;
  const std::string code = xml ? "InvalidAction" : "UnknownOperationException";
  ServiceError error{code, code, std::move(message)};
  error.format = format;
  return error;
}

HttpResponse encode_unserved(const ServiceError& error, std::string_view request_id) {
  if (error.format == ErrorFormat::cbor) {
    return {error.status,
            {{"Content-Type", "application/cbor"}, {"smithy-protocol", std::string(kCborProtocol)}},
            cbor_error(error)};
  }
  if (error.format == ErrorFormat::ec2) {
    return {error.status, {{"Content-Type", "text/xml"}}, ec2_error(error, request_id)};
  }
  return {error.status,
          {{"Content-Type", "application/json"}, {"x-amzn-ErrorType", error.type}},
          json_error(error)};
}

}  // namespace sightline::aws::wire
