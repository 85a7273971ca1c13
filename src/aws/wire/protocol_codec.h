#pragma once
// One object a protocol: how its requests are read, and its answers and errors written. codec.h chooses among
// them.

#include <string>
#include <string_view>

#include "aws/wire/http.h"
#include "aws/wire/limits.h"
#include "aws/wire/router.h"
#include "aws/wire/service_error.h"

namespace sightline::aws::wire {

/// What every answer carries so that it can be found in the log. `host_id` is S3's second one.
struct RequestIds {
  std::string request_id;
  std::string host_id;
};

/// Without state: safe for every thread.
class ProtocolCodec {
 public:
  ProtocolCodec() = default;
  ProtocolCodec(const ProtocolCodec&) = delete;
  ProtocolCodec& operator=(const ProtocolCodec&) = delete;
  virtual ~ProtocolCodec() = default;
  // As the functions of these names in codec.h. Headers with the ids are added there.
  [[nodiscard]] virtual Answer<void> decode(const Match& match, const HttpRequest& request, void* input,
                                            const Limits& limits) const = 0;
  [[nodiscard]] virtual HttpResponse encode(const Operation& operation, const void* output,
                                            const RequestIds& ids) const = 0;
  [[nodiscard]] virtual HttpResponse encode_error(const Service& service, const ServiceError& error,
                                                  const RequestIds& ids, std::string_view resource) const = 0;
};

[[nodiscard]] const ProtocolCodec& json_codec();
[[nodiscard]] const ProtocolCodec& query_codec();
[[nodiscard]] const ProtocolCodec& rest_json_codec();
[[nodiscard]] const ProtocolCodec& rest_xml_codec();
[[nodiscard]] const ProtocolCodec& codec_of(Protocol protocol);

/// An error as the query protocol writes it, and REST in XML but S3's; `xml_namespace` may be empty.
[[nodiscard]] HttpResponse encode_query_error(std::string_view xml_namespace, const ServiceError& error,
                                              const RequestIds& ids);

}  // namespace sightline::aws::wire
