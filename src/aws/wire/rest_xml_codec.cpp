#include "aws/wire/rest_codec.h"
#include "aws/wire/xml_reader.h"
#include "aws/wire/xml_writer.h"

namespace sightline::aws::wire {
namespace {

class RestXmlCodec final : public RestCodec {
 public:
  Answer<void> read_body(const Service& service, const Shape& shape, std::string_view root,
                         std::string_view text, void* object, const Limits& limits) const override {
    return read_xml(service, shape, root, text, object, limits);
  }

  HttpResponse encode_error(const Service& service, const ServiceError& error, const RequestIds& ids,
                            std::string_view resource) const override {
    if (!service.traits.s3_answers) {
      HttpResponse response = encode_query_error(service.xml_namespace, error, ids);
      put_error_headers(response, error);
      return response;
    }
    XmlWriter xml;
    xml.open("Error");
    xml.element("Code", error.code);
    xml.element("Message", error.message);
    for (const auto& [name, text] : error.details) xml.element(name, text);
    if (error.members) xml.members(*error.shape, error.members.get());
    if (!resource.empty()) xml.element("Resource", resource);
    xml.element("RequestId", ids.request_id);
    xml.element("HostId", ids.host_id);
    xml.close("Error");
    return {error.status, {{"Content-Type", "application/xml"}}, xml.take()};
  }

 protected:
  std::string write_members(const Operation& operation, const void* output) const override {
    XmlWriter xml;
    const Shape& shape = *operation.output;
    const std::string_view space = operation.service->xml_namespace;
    std::string attributes = XmlWriter::attributes_of(shape, output);
    if (shape.xml_namespace.empty() && !space.empty()) attributes += XmlWriter::attribute("xmlns", space);
    xml.open(operation.output_root, attributes);
    xml.members(shape, output);
    xml.close(operation.output_root);
    return xml.take();
  }
  std::string write_payload(const Member& member, const void* value) const override {
    XmlWriter xml;
    xml.value(*member.shape, member.wire_name, false, TimestampFormat::by_place, value);
    return xml.take();
  }
  std::string_view content_type() const override { return "application/xml"; }
};

}  // namespace

const ProtocolCodec& rest_xml_codec() {
  static const RestXmlCodec kCodec;
  return kCodec;
}

}  // namespace sightline::aws::wire
