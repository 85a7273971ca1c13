#include "aws/dispatch/answer_writer.h"

#include "base/whole_number.h"

namespace sightline::aws::dispatch {

AnswerWriter::AnswerWriter(const wire::Service& service, const wire::Operation* operation,
                           wire::RequestIds ids, const net::RequestHead& head, std::string allowed_origin,
                           std::shared_ptr<const OnTrouble> on_trouble)
    : service_(&service),
      operation_(operation),
      ids_(std::move(ids)),
      resource_(head.path()),
      allowed_origin_(std::move(allowed_origin)),
      on_trouble_(std::move(on_trouble)),
      head_only_(head.method == "HEAD") {}

net::Response AnswerWriter::write(const void* output) const {
  return write(wire::encode(*operation_, output, ids_));
}

net::Response AnswerWriter::write(wire::HttpResponse response) const {
  net::Response out;
  out.status = response.status;
  out.headers = std::move(response.headers);
  out.body = std::move(response.body);
  if (head_only_) {
    // The length of what GET would send stands among the answer's own members.
    if (const auto length = out.headers.find("content-length")) {
      out.head_length = parse_whole<std::uint64_t>(*length);
    }
  }
  if (!allowed_origin_.empty()) allow_origin(out, allowed_origin_);
  return out;
}

net::Response AnswerWriter::write_error(const wire::ServiceError& error) const {
  if (!error.cause.empty()) tell(error.cause);
  net::Response out = write(wire::encode_error(*service_, error, ids_, resource_));
  out.note = error.code;
  return out;
}

void AnswerWriter::tell(std::string_view what) const {
  if (*on_trouble_) (*on_trouble_)(ids_.request_id, what);
}

void allow_origin(net::Response& response, const std::string& origin) {
  response.headers.set("Access-Control-Allow-Origin", origin);
  response.headers.set("Vary", "Origin");
  response.headers.set("Access-Control-Expose-Headers", "*");
}

}  // namespace sightline::aws::dispatch
