#pragma once
// What is kept with an object, between the members of requests and answers and the domain's own.

#include <string>

#include "aws/s3/checksums.h"
#include "cloud/buckets/types.h"

namespace sightline::aws::s3 {

/// "aws-chunked,gzip" says gzip of the object: the rest was about its way here. nullopt where nothing is
/// left.
[[nodiscard]] std::optional<std::string> stored_encoding(const std::optional<std::string>& said);
[[nodiscard]] std::string in_quotes(std::string_view etag);
[[nodiscard]] std::string unquoted(std::string_view etag);

template <typename Request>
[[nodiscard]] buckets::Attributes attributes_of(const Request& request) {
  buckets::Attributes attributes;
  attributes.content_type = request.content_type;
  attributes.content_encoding = stored_encoding(request.content_encoding);
  attributes.content_disposition = request.content_disposition;
  attributes.content_language = request.content_language;
  attributes.cache_control = request.cache_control;
  attributes.expires = request.expires;
  if (request.metadata) attributes.metadata = *request.metadata;
  return attributes;
}

template <typename Request>
[[nodiscard]] buckets::ObjectName object_name(const Request& request, std::string_view account) {
  return {std::string(account), *request.bucket, *request.key};
}

/// Of HeadObject and GetObject, but for what a range changes.
template <typename Response>
void set_object(const buckets::ObjectInfo& object, Response& response) {
  response.accept_ranges = "bytes";
  response.last_modified = object.modified;
  response.etag = in_quotes(object.etag);
  response.content_length = static_cast<std::int64_t>(object.size);
  response.content_type = object.attributes.content_type.value_or("binary/octet-stream");
  response.content_encoding = object.attributes.content_encoding;
  response.content_disposition = object.attributes.content_disposition;
  response.content_language = object.attributes.content_language;
  response.cache_control = object.attributes.cache_control;
  response.expires = object.attributes.expires;
  if (!object.attributes.metadata.empty()) response.metadata = object.attributes.metadata;
}

}  // namespace sightline::aws::s3
