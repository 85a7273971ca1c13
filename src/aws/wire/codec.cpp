#include "aws/wire/codec.h"

#include <array>

#include "aws/wire/unserved_service.h"

namespace sightline::aws::wire {
namespace {

void add_ids(HttpResponse& response, bool as_s3, const RequestIds& ids) {
  if (as_s3) {
    response.headers.add("x-amz-request-id", ids.request_id);
    response.headers.add("x-amz-id-2", ids.host_id);
  } else {
    response.headers.add("x-amzn-RequestId", ids.request_id);
  }
}

}  // namespace

const ProtocolCodec& codec_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::json:
      return json_codec();
    case Protocol::query:
      return query_codec();
    case Protocol::rest_json:
      return rest_json_codec();
    case Protocol::rest_xml:
      break;
  }
  return rest_xml_codec();
}

Answer<void> decode(const Match& match, const HttpRequest& request, void* input, const Limits& limits) {
  if (!match.operation->input) return {};
  return codec_of(match.service->protocol).decode(match, request, input, limits);
}

HttpResponse encode(const Operation& operation, const void* output, const RequestIds& ids) {
  const Service& service = *operation.service;
  HttpResponse response = codec_of(service.protocol).encode(operation, output, ids);
  add_ids(response, service.traits.s3_answers, ids);
  return response;
}

HttpResponse encode_error(const Service& service, const ServiceError& error, const RequestIds& ids,
                          std::string_view resource) {
  HttpResponse response;
  if (error.format) {
    response = error.format == ErrorFormat::query ? encode_query_error({}, error, ids)
                                                  : encode_unserved(error, ids.request_id);
  } else {
    response = codec_of(service.protocol).encode_error(service, error, ids, resource);
  }
  add_ids(response, service.traits.s3_answers && !error.format, ids);
  return response;
}

}  // namespace sightline::aws::wire
