#include "aws/wire/json_codec.h"
#include "aws/wire/rest_codec.h"

namespace sightline::aws::wire {
namespace {

class RestJsonCodec final : public RestCodec {
 public:
  Answer<void> read_body(const Service& service, const Shape& shape, std::string_view, std::string_view text,
                         void* object, const Limits& limits) const override {
    return read_json(service, shape, text, object, limits);
  }

  HttpResponse encode_error(const Service&, const ServiceError& error, const RequestIds&,
                            std::string_view) const override {
    HttpResponse response{error.status,
                          {{"Content-Type", std::string(content_type())}, {"x-amzn-ErrorType", error.type}},
                          json_error(error)};
    put_error_headers(response, error);
    return response;
  }

 protected:
  std::string write_members(const Operation& operation, const void* output) const override {
    return object(*operation.output, output);
  }
  std::string write_payload(const Member& member, const void* value) const override {
    return object(*member.shape, value);
  }
  std::string_view content_type() const override { return "application/json"; }

 private:
  static std::string object(const Shape& shape, const void* value) {
    std::string text;
    write_json(text, shape, value);
    return text;
  }
};

}  // namespace

const ProtocolCodec& rest_json_codec() {
  static const RestJsonCodec kCodec;
  return kCodec;
}

}  // namespace sightline::aws::wire
