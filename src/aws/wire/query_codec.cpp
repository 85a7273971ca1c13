#include "aws/wire/query_codec.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/wire/protocol_codec.h"
#include "aws/wire/scalar.h"
#include "aws/wire/uri.h"
#include "aws/wire/xml_writer.h"
#include "base/utf8.h"

namespace sightline::aws::wire {
namespace {

class FormReader {
 public:
  FormReader(const Service& service, std::vector<Parameter> parameters, const Limits& limits)
      : service_(service), parameters_(std::move(parameters)), limits_(limits), left_(limits.element_bytes) {
    std::ranges::sort(parameters_, {}, &Parameter::name);
  }

  [[nodiscard]] bool has_twin() const {
    return std::ranges::adjacent_find(parameters_, {}, &Parameter::name) != parameters_.end();
  }

  Answer<void> structure(const Shape& shape, const std::string& path, void* object, std::size_t depth) {
    if (depth > limits_.depth) return malformed("The form is nested too deep.");
    for (const Member& member : shape.members) {
      const std::string name =
          path.empty() ? std::string(member.wire_name) : fmt::format("{}.{}", path, member.wire_name);
      if (!holds(name)) continue;
      TRY(value(*member.shape, name, member.flattened, member.timestamp, member.slot.emplace(object),
                depth + 1));
    }
    return {};
  }

 private:
  std::unexpected<ServiceError> malformed(std::string message) const {
    return std::unexpected(malformed_error(service_, std::move(message)));
  }

  [[nodiscard]] const Parameter* find(std::string_view name) const {
    const auto found = std::ranges::lower_bound(parameters_, name, {}, &Parameter::name);
    return found != parameters_.end() && found->name == name ? &*found : nullptr;
  }
  /// Whether there is a value at `path` or below it.
  [[nodiscard]] bool holds(const std::string& path) const {
    if (find(path)) return true;
    const std::string below = path + ".";
    const auto found = std::ranges::lower_bound(parameters_, below, {}, &Parameter::name);
    return found != parameters_.end() && found->name.starts_with(below);
  }

  Answer<void> value(const Shape& shape, const std::string& path, bool flattened, TimestampFormat of_member,
                     void* place, std::size_t depth) {
    if (shape.type == ShapeType::structure) return structure(shape, path, place, depth);
    if (shape.type == ShapeType::list) return list(shape, path, flattened, place, depth);
    if (shape.type == ShapeType::map) return map(shape, path, flattened, place, depth);
    const Parameter* parameter = find(path);
    const auto format = timestamp_format(shape, of_member, TimestampFormat::iso8601);
    if (!parameter || !is_utf8(parameter->value) || !parse_scalar(shape, format, parameter->value, place)) {
      return std::unexpected(validation_error(service_, fmt::format("The value of {} is malformed.", path)));
    }
    return {};
  }

  Answer<void> spend(std::size_t bytes) {
    if (bytes > left_) return malformed("The form holds too many elements.");
    left_ -= bytes;
    return {};
  }

  Answer<void> list(const Shape& shape, const std::string& path, bool flattened, void* place,
                    std::size_t depth) {
    const std::string prefix = flattened ? path : fmt::format("{}.{}", path, shape.element_name);
    for (std::size_t i = 1;; ++i) {
      const std::string name = fmt::format("{}.{}", prefix, i);
      if (!holds(name)) return {};
      TRY(spend(shape.list->element_size));
      TRY(value(*shape.element, name, false, TimestampFormat::by_place, shape.list->append(place),
                depth + 1));
    }
  }

  Answer<void> map(const Shape& shape, const std::string& path, bool flattened, void* place,
                   std::size_t depth) {
    const std::string prefix = flattened ? path : path + ".entry";
    for (std::size_t i = 1;; ++i) {
      const std::string name = fmt::format("{}.{}", prefix, i);
      if (!holds(name)) return {};
      const Parameter* key = find(fmt::format("{}.{}", name, shape.key_name));
      const std::string value_name = fmt::format("{}.{}", name, shape.element_name);
      if (!key || !is_utf8(key->value) || !holds(value_name)) {
        return malformed(fmt::format("{} lacks its key or value.", name));
      }
      TRY(spend(shape.map->element_size));
      void* entry = shape.map->insert(place, key->value);
      if (!entry) return malformed(fmt::format("{} has a key that was given before.", name));
      TRY(value(*shape.element, value_name, false, TimestampFormat::by_place, entry, depth + 1));
    }
  }

  const Service& service_;
  std::vector<Parameter> parameters_;
  Limits limits_;
  std::size_t left_;
};

std::string namespace_attribute(std::string_view xml_namespace) {
  return xml_namespace.empty() ? std::string() : XmlWriter::attribute("xmlns", xml_namespace);
}

class QueryCodec final : public ProtocolCodec {
 public:
  Answer<void> decode(const Match& match, const HttpRequest& request, void* input,
                      const Limits& limits) const override {
    return decode_form(*match.operation, request.method == "GET" ? request.query() : request.body_text(),
                       input, limits);
  }

  /// <DescribeResponse><DescribeResult>members</DescribeResult><ResponseMetadata>...
  HttpResponse encode(const Operation& operation, const void* output, const RequestIds& ids) const override {
    XmlWriter xml;
    const std::string root = fmt::format("{}Response", operation.name);
    xml.open(root, namespace_attribute(operation.service->xml_namespace));
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

  HttpResponse encode_error(const Service& service, const ServiceError& error, const RequestIds& ids,
                            std::string_view) const override {
    return encode_query_error(service.xml_namespace, error, ids);
  }
};

}  // namespace

const ProtocolCodec& query_codec() {
  static const QueryCodec kCodec;
  return kCodec;
}

HttpResponse encode_query_error(std::string_view xml_namespace, const ServiceError& error,
                                const RequestIds& ids) {
  XmlWriter xml;
  xml.open("ErrorResponse", namespace_attribute(xml_namespace));
  xml.open("Error");
  xml.element("Type", error.fault == Fault::sender ? "Sender" : "Receiver");
  xml.element("Code", error.code);
  xml.element("Message", error.message);
  if (error.members) xml.members(*error.shape, error.members.get());
  xml.close("Error");
  xml.element("RequestId", ids.request_id);
  xml.close("ErrorResponse");
  return {error.status, {{"Content-Type", "text/xml"}}, xml.take()};
}

Answer<void> decode_form(const Operation& operation, std::string_view form, void* input,
                         const Limits& limits) {
  if (!operation.input) return {};
  auto parameters = parse_query(form, Plus::space, limits.parameters);
  if (!parameters) return std::unexpected(malformed_error(*operation.service, "The form cannot be read."));
  FormReader reader(*operation.service, *std::move(parameters), limits);
  if (reader.has_twin()) {
    return std::unexpected(malformed_error(*operation.service, "A parameter is given twice."));
  }
  return reader.structure(*operation.input, {}, input, 0);
}

}  // namespace sightline::aws::wire
