#include "aws/wire/rest_codec.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/wire/scalar.h"
#include "aws/wire/uri.h"
#include "base/ascii.h"
#include "base/base64.h"
#include "base/utf8.h"

namespace sightline::aws::wire {
namespace {

TimestampFormat header_format(const Member& member, const Shape& shape) {
  return timestamp_format(shape, member.timestamp, TimestampFormat::http_date);
}

/// Takes the next element off a header's list: up to a comma, but for one in quotes or within a date.
std::string take_element(std::string_view& text, bool dates) {
  text = text.substr(std::min(text.find_first_not_of(" \t"), text.size()));
  std::string element;
  if (text.starts_with('"')) {
    std::size_t at = 1;
    for (; at < text.size() && text[at] != '"'; ++at) {
      if (text[at] == '\\' && at + 1 < text.size()) ++at;
      element += text[at];
    }
    text.remove_prefix(std::min(at + 1, text.size()));
    text.remove_prefix(std::min(text.find(','), text.size()));
  } else {
    std::size_t end = text.find(',');
    if (dates && end != std::string_view::npos) end = text.find(',', end + 1);
    element = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end, text.size()));
  }
  if (!text.empty()) text.remove_prefix(1);
  return element;
}

/// The same the other way.
void put_element(std::string& text, std::string_view element, bool dates) {
  if (!text.empty()) text += ", ";
  if (dates || element.find_first_of(",\"") == std::string_view::npos) {
    text += element;
    return;
  }
  text += '"';
  for (const char c : element) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  text += '"';
}

class RestReader {
 public:
  RestReader(const RestCodec& codec, const Match& match, const HttpRequest& request,
             std::vector<Parameter> query, const Limits& limits)
      : codec_(codec), match_(match), request_(request), query_(std::move(query)), limits_(limits) {}

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
    return codec_.read_body(*match_.service, *match_.operation->input, match_.operation->input_root,
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
    std::string decoded;
    if (member.base64) {
      Bytes bytes;
      if (!base64_decode(text, bytes)) return malformed(member);
      text = decoded.assign(bytes.begin(), bytes.end());
    }
    if (!shape.values.empty()) text = TRY(value_of(member, shape, text));
    if (is_utf8(text) && is_scalar(shape.type) && parse_scalar(shape, format, text, place)) return {};
    return malformed(member);
  }
  [[nodiscard]] std::unexpected<ServiceError> malformed(const Member& member) const {
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
    const Shape& element = *member.shape->element;
    const bool dates =
        element.type == ShapeType::timestamp && header_format(member, element) == TimestampFormat::http_date;
    void* list = member.slot.emplace(input);
    while (!text.empty())
      TRY(scalar(member, element, take_element(text, dates), member.shape->list->append(list)));
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
    if (member.shape->type == ShapeType::map) return query_map(member, input);
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

  /// All of the query, as a map of texts or of lists of them. Of a text that comes twice the first counts.
  Answer<void> query_map(const Member& member, void* input) {
    if (query_.empty()) return {};
    const Shape& shape = *member.shape;
    const bool lists = shape.element->type == ShapeType::list;
    void* map = member.slot.emplace(input);
    std::map<std::string_view, void*> places;
    for (const Parameter& parameter : query_) {
      if (!is_utf8(parameter.name)) return malformed(member);
      const auto [at, fresh] = places.try_emplace(parameter.name);
      if (fresh) at->second = shape.map->insert(map, parameter.name);
      if (!lists && !fresh) continue;
      const Shape& value = lists ? *shape.element->element : *shape.element;
      TRY(scalar(member, value, parameter.value,
                 lists ? shape.element->list->append(at->second) : at->second));
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
    return codec_.read_body(*match_.service, *member.shape, member.wire_name, request_.body_text(), place,
                            limits_);
  }

  const RestCodec& codec_;
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
  const Shape& shape = *member.shape;
  std::string text;
  if (shape.type == ShapeType::list) {
    const TimestampFormat format = header_format(member, *shape.element);
    const bool dates = shape.element->type == ShapeType::timestamp;
    for (std::size_t i = 0; i < shape.list->size(value); ++i)
      put_element(text, format_scalar(*shape.element, format, shape.list->at(value, i)), dates);
  } else {
    text = format_scalar(shape, header_format(member, shape), value);
  }
  if (member.base64) text = base64_encode({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  response.headers.add(std::string(member.wire_name), std::move(text));
}

}  // namespace

void RestCodec::put_error_headers(HttpResponse& response, const ServiceError& error) {
  if (!error.members) return;
  for (const Member& member : error.shape->members) {
    const void* value = member.slot.get(error.members.get());
    const bool in_head = member.location == Location::header || member.location == Location::headers;
    if (value && in_head) put_headers(response, member, value);
  }
}

void RestCodec::put_payload(HttpResponse& response, const Operation& operation, const Member& member,
                            const void* value) const {
  const Shape& shape = *member.shape;
  std::string_view type;
  if (shape.type == ShapeType::structure) {
    response.body = write_payload(member, value);
    type = content_type();
  } else if (shape.type == ShapeType::blob) {
    const auto& bytes = *static_cast<const Bytes*>(value);
    response.body.assign(bytes.begin(), bytes.end());
    type = "application/octet-stream";
  } else {
    response.body = format_scalar(shape, TimestampFormat::iso8601, value);
    type = "text/plain";
  }
  const bool as_it_is = operation.service->traits.s3_answers && shape.type != ShapeType::structure;
  if (!as_it_is && !response.headers.find("Content-Type"))
    response.headers.add("Content-Type", std::string(type));
}

Answer<void> RestCodec::decode(const Match& match, const HttpRequest& request, void* input,
                               const Limits& limits) const {
  auto query = parse_query(request.query(), Plus::plain, limits.parameters);
  if (!query) return std::unexpected(validation_error(*match.service, "The query cannot be read."));
  return RestReader(*this, match, request, *std::move(query), limits).read(input);
}

HttpResponse RestCodec::encode(const Operation& operation, const void* output, const RequestIds&) const {
  HttpResponse response{operation.status, {}, {}};
  if (!operation.output) return response;
  bool body = false;
  const Member* payload = nullptr;
  for (const Member& member : operation.output->members) {
    const void* value = member.slot.get(output);
    body = body || member.location == Location::body;
    if (!value) continue;
    if (member.location == Location::status) {
      response.status = *static_cast<const std::int32_t*>(value);
    } else if (member.location == Location::payload) {
      payload = &member;
    } else if (member.location != Location::body) {
      put_headers(response, member, value);
    }
  }
  // After the headers: one of them may say what the body is.
  if (payload) put_payload(response, operation, *payload, payload->slot.get(output));
  if (!body) return response;
  response.body = write_members(operation, output);
  response.headers.add("Content-Type", std::string(content_type()));
  return response;
}

}  // namespace sightline::aws::wire
