#include <fmt/format.h>

#include <cmath>

#include "aws/wire/json_codec.h"
#include "aws/wire/protocol_codec.h"
#include "aws/wire/scalar.h"
#include "base/base64.h"
#include "base/utf8.h"

namespace sightline::aws::wire {

void put_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text.substr(plain, i - plain));
    plain = i + 1;
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (c == '\n') {
      out += "\\n";
    } else {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    }
  }
  out.append(text.substr(plain));
  out += '"';
}

namespace {

bool is_bare(const Shape& shape, TimestampFormat format, const void* value) {
  switch (shape.type) {
    case ShapeType::boolean:
    case ShapeType::int32:
    case ShapeType::int64:
      return true;
    case ShapeType::float32:
      return std::isfinite(*static_cast<const float*>(value));
    case ShapeType::float64:
      return std::isfinite(*static_cast<const double*>(value));
    case ShapeType::timestamp:
      return format == TimestampFormat::unix_seconds;
    default:
      return false;
  }
}

/// How members are called and timestamps written.
struct Style {
  bool model_names = false;
  TimestampFormat timestamps = TimestampFormat::unix_seconds;
};

void put(std::string& out, const Style& style, const Shape& shape, TimestampFormat of_member,
         const void* value);

void put_structure(std::string& out, const Style& style, const Shape& shape, const void* object) {
  out += '{';
  bool any = false;
  for (const Member& member : shape.members) {
    const void* value = member.slot.get(object);
    if (!value || (!style.model_names && member.location != Location::body)) continue;
    if (std::exchange(any, true)) out += ',';
    put_json_string(out, style.model_names ? member.name : member.wire_name);
    out += ':';
    put(out, style, *member.shape, member.timestamp, value);
  }
  out += '}';
}

void put(std::string& out, const Style& style, const Shape& shape, TimestampFormat of_member,
         const void* value) {
  if (shape.type == ShapeType::structure) {
    put_structure(out, style, shape, value);
  } else if (shape.type == ShapeType::list) {
    out += '[';
    for (std::size_t i = 0; i < shape.list->size(value); ++i) {
      if (i > 0) out += ',';
      put(out, style, *shape.element, TimestampFormat::by_place, shape.list->at(value, i));
    }
    out += ']';
  } else if (shape.type == ShapeType::map) {
    out += '{';
    bool any = false;
    shape.map->each(value, [&](const std::string& key, const void* entry) {
      if (std::exchange(any, true)) out += ',';
      put_json_string(out, key);
      out += ':';
      put(out, style, *shape.element, TimestampFormat::by_place, entry);
    });
    out += '}';
  } else if (shape.type == ShapeType::string) {
    put_json_string(out, *static_cast<const std::string*>(value));
  } else {
    const auto format =
        style.model_names ? style.timestamps : timestamp_format(shape, of_member, style.timestamps);
    const std::string text = format_scalar(shape, format, value);
    if (is_bare(shape, format, value)) {
      out += text;
    } else {
      put_json_string(out, text);
    }
  }
}

class JsonCodec final : public ProtocolCodec {
 public:
  Answer<void> decode(const Match& match, const HttpRequest& request, void* input,
                      const Limits& limits) const override {
    return read_json(*match.service, *match.operation->input, request.body_text(), input, limits);
  }

  HttpResponse encode(const Operation& operation, const void* output, const RequestIds&) const override {
    HttpResponse response{operation.status, {content_type(*operation.service)}, {}};
    if (operation.output) {
      write_json(response.body, *operation.output, output);
    } else {
      response.body = "{}";
    }
    return response;
  }

  HttpResponse encode_error(const Service& service, const ServiceError& error, const RequestIds&,
                            std::string_view) const override {
    HttpResponse response{error.status, {content_type(service)}, json_error(error)};
    if (service.query_compatible) {
      response.headers.add(
          "x-amzn-query-error",
          fmt::format("{};{}", error.code, error.fault == Fault::sender ? "Sender" : "Receiver"));
    }
    return response;
  }

 private:
  static Header content_type(const Service& service) {
    return {"Content-Type", fmt::format("application/x-amz-json-{}", service.json_version)};
  }
};

}  // namespace

const ProtocolCodec& json_codec() {
  static const JsonCodec kCodec;
  return kCodec;
}

void write_json(std::string& out, const Shape& shape, const void* object) {
  put_structure(out, {}, shape, object);
}

std::string json_error(const ServiceError& error) {
  std::string body = R"({"__type":)";
  put_json_string(body, error.type);
  if (!error.message.empty()) {
    body += R"(,"message":)";
    put_json_string(body, error.message);
  }
  if (error.members) {
    std::string members;
    write_json(members, *error.shape, error.members.get());
    if (members.size() > 2) body.append(",").append(members, 1, members.size() - 2);
  }
  body += '}';
  return body;
}

std::string encode_document(const Operation& operation, const void* output, std::string_view body) {
  if (operation.output == nullptr) return "{}";
  std::string document;
  put_structure(document, {true, TimestampFormat::iso8601}, *operation.output, output);
  if (!operation.streamed_output.empty()) {
    document.pop_back();
    if (document.size() > 1) document += ',';
    put_json_string(document, operation.streamed_output);
    document += ':';
    put_json_string(document,
                    is_utf8(body)
                        ? std::string(body)
                        : base64_encode({reinterpret_cast<const std::uint8_t*>(body.data()), body.size()}));
    document += '}';
  }
  return document;
}

}  // namespace sightline::aws::wire
