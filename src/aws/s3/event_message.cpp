#include "aws/s3/event_message.h"

#include <fmt/format.h>

#include "aws/s3/copy_source.h"
#include "aws/wire/json_codec.h"
#include "aws/wire/uri.h"
#include "base/time_text.h"
#include "cloud/buckets/notifications.h"

namespace sightline::aws::s3 {
namespace {

using buckets::Change;
using buckets::ObjectEvent;

/// A JSON string literal.
std::string literal(std::string_view text) {
  std::string out;
  wire::put_json_string(out, text);
  return out;
}

/// As a form has it: a plus sign for a space.
std::string key_in_event(std::string_view key) {
  std::string encoded = wire::percent_encode(key, wire::Slash::plain);
  for (std::size_t at = 0; (at = encoded.find("%20", at)) != std::string::npos;) encoded.replace(at, 3, "+");
  return encoded;
}

/// "ObjectCreated:Put".
std::string_view record_name(Change change) {
  std::string_view name = buckets::event_name(change);
  name.remove_prefix(std::string_view("s3:").size());
  return name;
}

std::string test_message(const ObjectEvent& event) {
  return fmt::format(
      R"({{"Service":"Amazon S3","Event":"s3:TestEvent","Time":{},"Bucket":{},"RequestId":{},"HostId":{}}})",
      literal(iso8601(event.time, Fraction::always)), literal(event.bucket), literal(event.origin.request_id),
      literal(event.origin.request_id));
}

/// Of two about one object the later has the larger one, as text.
std::string sequencer(const ObjectEvent& event) {
  return fmt::format("{:018X}", event.sequence);
}

std::string object_of(const ObjectEvent& event) {
  const std::string content = event.change == Change::deleted
                                  ? std::string()
                                  : fmt::format(R"("size":{},"eTag":{},)", event.size, literal(event.etag));
  return fmt::format(R"({{"key":{},{}"sequencer":{}}})", literal(key_in_event(event.key)), content,
                     literal(sequencer(event)));
}

std::string bucket_of(const ObjectEvent& event) {
  return fmt::format(R"({{"name":{},"ownerIdentity":{{"principalId":{}}},"arn":{}}})", literal(event.bucket),
                     literal(event.account), literal(bucket_arn(event.bucket)));
}

}  // namespace

std::string event_message(const ObjectEvent& event) {
  if (event.change == Change::configured) return test_message(event);
  const buckets::Origin& origin = event.origin;
  const std::string request_id = literal(origin.request_id);
  const std::string caller =
      literal(origin.principal.empty() ? "Anonymous" : fmt::format("AWS:{}", origin.principal));
  // As AWS's logs say it of what no client asked for.
  const std::string source = literal(origin.source_ip.empty() ? "AWS Internal" : origin.source_ip);
  return fmt::format(
      R"({{"Records":[{{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":{},"eventTime":{},)"
      R"("eventName":{},"userIdentity":{{"principalId":{}}},"requestParameters":{{"sourceIPAddress":{}}},)"
      R"("responseElements":{{"x-amz-request-id":{},"x-amz-id-2":{}}},)"
      R"("s3":{{"s3SchemaVersion":"1.0","configurationId":{},"bucket":{},"object":{}}}}}]}})",
      literal(event.region), literal(iso8601(event.time, Fraction::always)),
      literal(record_name(event.change)), caller, source, request_id, request_id, literal(event.notification),
      bucket_of(event), object_of(event));
}

}  // namespace sightline::aws::s3
