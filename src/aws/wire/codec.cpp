#include "aws/wire/codec.h"

#include <fmt/format.h>

#include "aws/wire/form_decoder.h"
#include "aws/wire/json_codec.h"
#include "aws/wire/rest_codec.h"
#include "aws/wire/unserved_service.h"
#include "aws/wire/xml_writer.h"

namespace sightline::aws::wire {
namespace {

void add_ids(HttpResponse& response, Protocol protocol, const RequestIds& ids) {
  if (protocol == Protocol::rest_xml) {
    response.headers.add("x-amz-request-id", ids.request_id);
    response.headers.add("x-amz-id-2", ids.host_id);
  } else {
    response.headers.add("x-amzn-RequestId", ids.request_id);
  }
}

/// <DescribeResponse><DescribeResult>members</DescribeResult><ResponseMetadata>...
HttpResponse encode_query(const Operation& operation, const void* output, const RequestIds& ids) {
  XmlWriter xml;
  const std::string root = fmt::format("{}Response", operation.name);
  xml.open(root, XmlWriter::attribute("xmlns", operation.service->xml_namespace));
  if (operation.output) {
    if (!operation.result_wrapper.empty()) xml.open(operation.result_wrapper);
    xml.members(*operation.output, output);
    if (!operation.result_wrapper.empty()) xml.close(operation.result_wrapper);
  }
  xml.open("ResponseMetadata");
  xml.element("RequestId", ids.request_id);
  xml.close("ResponseMetadata");
  xml.close(root);
  return {operation.status, {{"Content-Type", "text/xml"}}, xml.take()};
}

HttpResponse encode_query_error(std::string_view xml_namespace, const ServiceError& error,
                                const RequestIds& ids) {
  XmlWriter xml;
  xml.open("ErrorResponse",
           xml_namespace.empty() ? std::string() : XmlWriter::attribute("xmlns", xml_namespace));
  xml.open("Error");
  xml.element("Type", error.fault == Fault::sender ? "Sender" : "Receiver");
  xml.element("Code", error.code);
  xml.element("Message", error.message);
  xml.close("Error");
  xml.element("RequestId", ids.request_id);
  xml.close("ErrorResponse");
  return {error.status, {{"Content-Type", "text/xml"}}, xml.take()};
}

HttpResponse encode_rest_xml_error(const ServiceError& error, const RequestIds& ids,
                                   std::string_view resource) {
  XmlWriter xml;
  xml.open("Error");
  xml.element("Code", error.code);
  xml.element("Message", error.message);
  for (const auto& [name, text] : error.details) xml.element(name, text);
  if (!resource.empty()) xml.element("Resource", resource);
  xml.element("RequestId", ids.request_id);
  xml.element("HostId", ids.host_id);
  xml.close("Error");
  return {error.status, {{"Content-Type", "application/xml"}}, xml.take()};
}

}  // namespace

Answer<void> decode(const Match& match, const HttpRequest& request, void* input, const Limits& limits) {
  switch (match.service->protocol) {
    case Protocol::json:
      return decode_json(*match.operation, request.body_text(), input, limits);
    case Protocol::query:
      return decode_form(*match.operation, request.method == "GET" ? request.query() : request.body_text(),
                         input, limits);
    case Protocol::rest_xml:
      return decode_rest_xml(match, request, input, limits);
  }
  return std::unexpected(internal_error(*match.service));
}

HttpResponse encode(const Operation& operation, const void* output, const RequestIds& ids) {
  HttpResponse response;
  switch (operation.service->protocol) {
    case Protocol::json:
      response = encode_json(operation, output);
      break;
    case Protocol::query:
      response = encode_query(operation, output, ids);
      break;
    case Protocol::rest_xml:
      response = encode_rest_xml(operation, output);
      break;
  }
  add_ids(response, operation.service->protocol, ids);
  return response;
}

HttpResponse encode_error(const Service& service, const ServiceError& error, const RequestIds& ids,
                          std::string_view resource) {
  HttpResponse response;
  if (error.format) {
    response = error.format == ErrorFormat::query ? encode_query_error({}, error, ids)
                                                  : encode_unserved(error, ids.request_id);
    add_ids(response, Protocol::query, ids);
    return response;
  }
  switch (service.protocol) {
    case Protocol::json:
      response = encode_json_error(service, error);
      break;
    case Protocol::query:
      response = encode_query_error(service.xml_namespace, error, ids);
      break;
    case Protocol::rest_xml:
      response = encode_rest_xml_error(error, ids, resource);
      break;
  }
  add_ids(response, service.protocol, ids);
  return response;
}

}  // namespace sightline::aws::wire
