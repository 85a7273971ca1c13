#include "aws/wire/rest_codec.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/wire/scalar.h"
#include "aws/wire/uri.h"
#include "aws/wire/xml_reader.h"
#include "aws/wire/xml_writer.h"
#include "base/ascii.h"
#include "base/utf8.h"

namespace sightline::aws::wire {
namespace {

class RestReader {
 public:
  RestReader(const Match& match, const HttpRequest& request, std::vector<Parameter> query,
             const Limits& limits)
      : match_(match), request_(request), query_(std::move(query)), limits_(limits) {}

  Answer<void> read(void* input) {
    bool body = false;
    for (const Member& member : match_.operation->input->members) {
      if (member.location == Location::payload) {
        TRY(payload(member, input));
      } else if (member.location == Location::body) {
        body = true;
      } else {
        TRY(head(member, input));
      }
    }
    if (!body || request_.body.empty() || !match_.operation->streamed_input.empty()) return {};
    return read_xml(*match_.service, *match_.operation->input, match_.operation->input_root,
                    request_.body_text(), input, limits_);
  }

 private:
  Answer<void> head(const Member& member, void* input) {
    switch (member.location) {
      case Location::uri:
        for (const Label& label : match_.labels) {
          if (label.name == member.wire_name) TRY(scalar(member, label.value, input));
        }
        return {};
      case Location::header:
        if (const auto value = request_.headers.find(member.wire_name)) return header(member, *value, input);
        return {};
      case Location::headers:
        return prefixed(member, input);
      case Location::query:
        return query(member, input);
      default:
        return {};
    }
  }

  Answer<void> scalar(const Member& member, std::string_view text, void* input) {
    return scalar(member, *member.shape, text, member.slot.emplace(input));
  }
  Answer<void> scalar(const Member& member, const Shape& shape, std::string_view text, void* place) {
    const bool in_header = member.location == Location::header || member.location == Location::headers;
    const auto by_place = in_header ? TimestampFormat::http_date : TimestampFormat::iso8601;
    const auto format = timestamp_format(shape, member.timestamp, by_place);
    if (!shape.values.empty()) text = TRY(value_of(member, shape, text));
    if (is_utf8(text) && is_scalar(shape.type) && parse_scalar(shape, format, text, place)) return {};
    return std::unexpected(
        validation_error(*match_.service, fmt::format("The value of {} is malformed.", member.wire_name)));
  }

  /// The value of an enumeration as the model spells it: clients write headers and queries in letters of
  /// either case (`x-amz-checksum-mode: enabled`), and no handler has to know. Another value is left to the
  /// validation, but where the service has words of its own for it.
  static Answer<std::string_view> value_of(const Member& member, const Shape& shape, std::string_view text) {
    const auto value = std::ranges::find_if(
        shape.values, [&](std::string_view known) { return equals_ignoring_case(known, text); });
    if (value != shape.values.end()) return *value;
    if (shape.refusal.code.empty()) return text;
    ServiceError error = service_error({shape.refusal.code, shape.refusal.code, 400, Fault::sender},
                                       std::string(shape.refusal.message));
    if (error.code == "InvalidArgument")
      error.details = {{"ArgumentName", std::string(member.wire_name)}, {"ArgumentValue", std::string(text)}};
    return std::unexpected(std::move(error));
  }

  /// A list stands in a header with commas between its elements.
  Answer<void> header(const Member& member, std::string_view text, void* input) {
    if (member.shape->type != ShapeType::list) return scalar(member, text, input);
    void* list = member.slot.emplace(input);
    while (!text.empty()) {
      const std::string_view item = text.substr(0, text.find(','));
      text.remove_prefix(std::min(item.size() + 1, text.size()));
      TRY(scalar(member, *member.shape->element, trimmed(item), member.shape->list->append(list)));
    }
    return {};
  }

  /// x-amz-meta-colour: the entry `colour`. Lines of one name are joined, as HTTP says.
  Answer<void> prefixed(const Member& member, void* input) {
    std::map<std::string, std::string> found;
    for (const Header& line : request_.headers) {
      if (line.name.size() <= member.wire_name.size() ||
          !equals_ignoring_case(line.name.substr(0, member.wire_name.size()), member.wire_name)) {
        continue;
      }
      std::string name = to_lower(std::string_view(line.name).substr(member.wire_name.size()));
      const auto [place, fresh] = found.try_emplace(std::move(name), line.value);
      if (!fresh) place->second += "," + line.value;
    }
    if (found.empty()) return {};
    void* map = member.slot.emplace(input);
    for (const auto& [name, value] : found) {
      TRY(scalar(member, *member.shape->element, value, member.shape->map->insert(map, name)));
    }
    return {};
  }

  Answer<void> query(const Member& member, void* input) {
    if (member.shape->type == ShapeType::list) {
      void* list = nullptr;
      for (const Parameter& parameter : query_) {
        if (parameter.name != member.wire_name) continue;
        if (!list) list = member.slot.emplace(input);
        TRY(scalar(member, *member.shape->element, parameter.value, member.shape->list->append(list)));
      }
      return {};
    }
    for (const Parameter& parameter : query_) {
      if (parameter.name == member.wire_name) return scalar(member, parameter.value, input);
    }
    return {};
  }

  Answer<void> payload(const Member& member, void* input) {
    if (request_.body.empty()) return {};
    void* place = member.slot.emplace(input);
    if (member.shape->type == ShapeType::blob) {
      static_cast<Bytes*>(place)->assign(request_.body.begin(), request_.body.end());
      return {};
    }
    if (member.shape->type != ShapeType::structure)
      return scalar(member, *member.shape, request_.body_text(), place);
    return read_xml(*match_.service, *member.shape, member.wire_name, request_.body_text(), place, limits_);
  }

  const Match& match_;
  const HttpRequest& request_;
  std::vector<Parameter> query_;
  Limits limits_;
};

void put_headers(HttpResponse& response, const Member& member, const void* value) {
  if (member.location == Location::headers) {
    member.shape->map->each(value, [&](const std::string& name, const void* item) {
      response.headers.add(fmt::format("{}{}", member.wire_name, name),
                           *static_cast<const std::string*>(item));
    });
    return;
  }
  const auto format = timestamp_format(*member.shape, member.timestamp, TimestampFormat::http_date);
  response.headers.add(std::string(member.wire_name), format_scalar(*member.shape, format, value));
}

void put_payload(HttpResponse& response, const Member& member, const void* value) {
  const Shape& shape = *member.shape;
  if (shape.type == ShapeType::structure) {
    XmlWriter xml;
    xml.value(shape, member.wire_name, false, TimestampFormat::by_place, value);
    response.body = xml.take();
    response.headers.add("Content-Type", "application/xml");
  } else if (shape.type == ShapeType::blob) {
    const auto& bytes = *static_cast<const Bytes*>(value);
    response.body.assign(bytes.begin(), bytes.end());
  } else {
    response.body = format_scalar(shape, TimestampFormat::iso8601, value);
  }
}

}  // namespace

Answer<void> decode_rest_xml(const Match& match, const HttpRequest& request, void* input,
                             const Limits& limits) {
  if (!match.operation->input) return {};
  auto query = parse_query(request.query(), Plus::plain, limits.parameters);
  if (!query) return std::unexpected(validation_error(*match.service, "The query cannot be read."));
  return RestReader(match, request, *std::move(query), limits).read(input);
}

HttpResponse encode_rest_xml(const Operation& operation, const void* output) {
  HttpResponse response{operation.status, {}, {}};
  if (!operation.output) return response;
  bool body = false;
  for (const Member& member : operation.output->members) {
    const void* value = member.slot.get(output);
    body = body || member.location == Location::body;
    if (!value) continue;
    if (member.location == Location::status) {
      response.status = *static_cast<const std::int32_t*>(value);
    } else if (member.location == Location::payload) {
      put_payload(response, member, value);
    } else if (member.location != Location::body) {
      put_headers(response, member, value);
    }
  }
  if (!body) return response;
  XmlWriter xml;
  const std::string_view space = operation.service->xml_namespace;
  xml.open(operation.output_root, space.empty() ? "" : XmlWriter::attribute("xmlns", space));
  xml.members(*operation.output, output);
  xml.close(operation.output_root);
  response.body = xml.take();
  response.headers.add("Content-Type", "application/xml");
  return response;
}

}  // namespace sightline::aws::wire
