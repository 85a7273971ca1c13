#include <fmt/format.h>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "aws/wire/json_codec.h"
#include "aws/wire/scalar.h"
#include "base/ascii.h"
#include "base/base64.h"

namespace sightline::aws::wire {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxScalarText = 400;  // the longest double in full has fewer digits

/// How members are called: as in the service's own protocol, or as in its model.
enum class Names { wire, model };

/// A value under way: where it goes and what it must be. No shape: nobody wants it.
struct Target {
  const Shape* shape = nullptr;
  void* place = nullptr;
};

std::string_view type_name(ShapeType type) {
  switch (type) {
    case ShapeType::string:
      return "String";
    case ShapeType::boolean:
      return "Boolean";
    case ShapeType::int32:
      return "Integer";
    case ShapeType::int64:
      return "Long";
    case ShapeType::float32:
      return "Float";
    case ShapeType::float64:
      return "Double";
    case ShapeType::timestamp:
      return "Timestamp";
    case ShapeType::blob:
      return "Blob";
    case ShapeType::structure:
      return "Structure";
    case ShapeType::list:
      return "List";
    case ShapeType::map:
      return "Map";
  }
  return "";
}

bool is_float(ShapeType type) {
  return type == ShapeType::float32 || type == ShapeType::float64;
}

/// What Boost's parser calls for each token. Strings and numbers come in pieces.
class Builder {
 public:
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
  using Code = json::error_code;

  Builder(const Shape* root, void* input, const Limits& limits, Names names)
      : root_{root, input}, element_bytes_(limits.element_bytes), names_(names) {}

  std::string take_problem() { return std::move(problem_); }

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }

  bool on_object_begin(Code& code) {
    return open(code, ShapeType::structure, ShapeType::map,
                "Start of structure or map found where not expected");
  }
  bool on_object_end(std::size_t, Code&) { return close(); }
  bool on_array_begin(Code& code) {
    return open(code, ShapeType::list, ShapeType::list, "Start of list found where not expected");
  }
  bool on_array_end(std::size_t, Code&) { return close(); }

  bool on_key_part(json::string_view part, std::size_t, Code&) {
    if (skipped_ == 0) key_.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view part, std::size_t size, Code& code) {
    on_key_part(part, size, code);
    if (skipped_ > 0) return true;
    Frame& frame = stack_.back();
    if (frame.target.shape->type == ShapeType::structure) {
      frame.member = nullptr;
      for (const Member& member : frame.target.shape->members) {
        if (names_ == Names::wire ? member.location == Location::body && member.wire_name == key_
                                  : is_called(member.name, key_))
          frame.member = &member;
      }
      key_.clear();
    }
    return true;
  }

  bool on_string_part(json::string_view part, std::size_t, Code& code) { return add_text(part, code); }
  bool on_string(json::string_view part, std::size_t, Code& code) {
    if (!add_text(part, code)) return false;
    in_string_ = false;
    const Target target = std::exchange(text_target_, {});
    if (!target.shape || target.shape->type == ShapeType::string) return true;
    if (target.shape->type == ShapeType::blob) {
      return base64_.finish() || refuse(code, "A blob is not encoded as Base64");
    }
    const auto format =
        timestamp_format(*target.shape, text_format_,
                         names_ == Names::model ? TimestampFormat::iso8601 : TimestampFormat::unix_seconds);
    const bool taken =
        (target.shape->type == ShapeType::timestamp && format != TimestampFormat::unix_seconds) ||
        (is_float(target.shape->type) && (text_ == "NaN" || text_ == "Infinity" || text_ == "-Infinity"));
    if (!taken || !parse_scalar(*target.shape, format, text_, target.place)) {
      return mismatch(code, "STRING_VALUE", *target.shape);
    }
    return true;
  }

  bool on_number_part(json::string_view part, Code& code) { return add_digits(part, code); }
  bool on_int64(std::int64_t, json::string_view part, Code& code) { return end_number(part, code); }
  bool on_uint64(std::uint64_t, json::string_view part, Code& code) { return end_number(part, code); }
  bool on_double(double, json::string_view part, Code& code) { return end_number(part, code); }

  bool on_bool(bool value, Code& code) {
    Target target;
    if (!begin_value(target, code)) return false;
    if (!target.shape) return true;
    if (target.shape->type != ShapeType::boolean) {
      return mismatch(code, value ? "TRUE_VALUE" : "FALSE_VALUE", *target.shape);
    }
    *static_cast<bool*>(target.place) = value;
    return true;
  }
  bool on_null(Code& code) {
    if (skipped_ > 0) return true;
    if (stack_.empty()) return refuse(code, "Start of structure or map expected");
    if (stack_.back().target.shape->type == ShapeType::structure) return true;
    return refuse(code, "A list or map holds null");
  }
  bool on_comment_part(json::string_view, Code&) { return true; }
  bool on_comment(json::string_view, Code&) { return true; }

 private:
  struct Frame {
    Target target;
    const Member* member = nullptr;  ///< of a structure: whose value comes next
  };

  bool refuse(Code& code, std::string problem) {
    problem_ = std::move(problem);
    code = json::error::syntax;
    return false;
  }
  bool mismatch(Code& code, std::string_view token, const Shape& shape) {
    return refuse(code, fmt::format("{} cannot be converted to {}", token, type_name(shape.type)));
  }

  bool spend(std::size_t bytes, Code& code) {
    if (bytes > element_bytes_) return refuse(code, "The request holds too many elements");
    element_bytes_ -= bytes;
    return true;
  }

  /// Makes room for the value that comes next.
  bool begin_value(Target& target, Code& code) {
    target = {};
    text_format_ = TimestampFormat::by_place;
    if (skipped_ > 0) return true;
    if (stack_.empty()) {
      target = root_;
      return true;
    }
    Frame& frame = stack_.back();
    const Shape& shape = *frame.target.shape;
    if (shape.type == ShapeType::structure) {
      if (!frame.member) return true;
      if (frame.member->slot.get(frame.target.place)) {
        return refuse(code, fmt::format("{} is given twice", frame.member->wire_name));
      }
      text_format_ = frame.member->timestamp;
      target = {frame.member->shape, frame.member->slot.emplace(frame.target.place)};
    } else if (shape.type == ShapeType::list) {
      if (!spend(shape.list->element_size, code)) return false;
      target = {shape.element, shape.list->append(frame.target.place)};
    } else {
      if (!spend(shape.map->element_size, code)) return false;
      target = {shape.element, shape.map->insert(frame.target.place, std::exchange(key_, {}))};
      if (!target.place) return refuse(code, "A key is given twice");
    }
    return true;
  }

  bool open(Code& code, ShapeType first, ShapeType second, const char* problem) {
    Target target;
    if (!begin_value(target, code)) return false;
    if (!target.shape) {
      ++skipped_;
      return true;
    }
    if (target.shape->type != first && target.shape->type != second) return refuse(code, problem);
    stack_.push_back({target});
    return true;
  }
  bool close() {
    if (skipped_ > 0) {
      --skipped_;
    } else {
      stack_.pop_back();
    }
    return true;
  }

  bool add_text(json::string_view part, Code& code) {
    if (!std::exchange(in_string_, true)) {
      text_.clear();
      base64_ = {};
      if (!begin_value(text_target_, code)) return false;
    }
    const Target& target = text_target_;
    if (!target.shape) return true;
    const std::string_view text(part.data(), part.size());
    if (target.shape->type == ShapeType::string) {
      static_cast<std::string*>(target.place)->append(text);
    } else if (target.shape->type == ShapeType::blob) {
      if (!base64_.feed(text, *static_cast<Bytes*>(target.place))) {
        return refuse(code, "A blob is not encoded as Base64");
      }
    } else if (!is_scalar(target.shape->type) || text_.size() + text.size() > kMaxScalarText) {
      return mismatch(code, "STRING_VALUE", *target.shape);
    } else {
      text_ += text;
    }
    return true;
  }

  bool add_digits(json::string_view part, Code& code) {
    if (!std::exchange(in_number_, true)) text_.clear();
    if (text_.size() + part.size() > kMaxScalarText) return refuse(code, "A number has too many digits");
    text_.append(part.data(), part.size());
    return true;
  }
  bool end_number(json::string_view part, Code& code) {
    if (!add_digits(part, code)) return false;
    in_number_ = false;
    Target target;
    if (!begin_value(target, code)) return false;
    if (!target.shape) return true;
    const ShapeType type = target.shape->type;
    const auto format = names_ == Names::model
                            ? TimestampFormat::unix_seconds
                            : timestamp_format(*target.shape, text_format_, TimestampFormat::unix_seconds);
    const bool taken = type == ShapeType::int32 || type == ShapeType::int64 || is_float(type) ||
                       (type == ShapeType::timestamp && format == TimestampFormat::unix_seconds);
    if (!taken || !parse_scalar(*target.shape, format, text_, target.place)) {
      return mismatch(code, "NUMBER_VALUE", *target.shape);
    }
    return true;
  }

  Target root_;
  std::size_t element_bytes_;
  const Names names_;
  std::vector<Frame> stack_;
  std::size_t skipped_ = 0;  ///< open brackets of a value that nobody wants
  std::string key_;
  std::string text_;
  Target text_target_;
  TimestampFormat text_format_ = TimestampFormat::by_place;
  Base64Decoder base64_;
  bool in_string_ = false;
  bool in_number_ = false;
  std::string problem_;
};

Answer<void> read_as(Names names, const Service& service, const Shape& shape, std::string_view body,
                     void* input, const Limits& limits) {
  if (body.empty()) return {};
  json::parse_options options;
  options.max_depth = limits.depth;
  json::basic_parser<Builder> parser(options, &shape, input, limits, names);
  json::error_code code;
  const std::size_t used = parser.write_some(false, body.data(), body.size(), code);
  if (!code && used == body.size()) return {};
  std::string problem = parser.handler().take_problem();
  if (problem.empty()) problem = "The request is not well-formed JSON";
  return std::unexpected(malformed_error(service, std::move(problem)));
}

}  // namespace

Answer<void> read_json(const Service& service, const Shape& shape, std::string_view text, void* object,
                       const Limits& limits) {
  return read_as(Names::wire, service, shape, text, object, limits);
}

bool is_called(std::string_view name, std::string_view asked) {
  return !name.empty() && name.size() == asked.size() && to_lower(name.front()) == to_lower(asked.front()) &&
         name.substr(1) == asked.substr(1);
}

Answer<void> decode_document(const Operation& operation, std::string_view document, void* input,
                             const Limits& limits) {
  if (!operation.input) return {};
  return read_as(Names::model, *operation.service, *operation.input, document, input, limits);
}

Answer<std::string> decode_document_with_body(const Operation& operation, std::string_view document,
                                              void* input, const Limits& limits) {
  TRY(decode_document(operation, document, input, limits));
  if (operation.streamed_input.empty() || document.empty()) return std::string();
  json::parse_options options;
  options.max_depth = limits.depth;
  json::error_code code;
  const json::value value = json::parse(document, code, {}, options);
  const json::object* object = code ? nullptr : value.if_object();
  if (object == nullptr)
    return std::unexpected(malformed_error(*operation.service, "The request is not a JSON object"));
  for (const auto& [key, member] : *object) {
    if (!is_called(operation.streamed_input, key)) continue;
    if (const json::string* text = member.if_string()) return std::string(text->data(), text->size());
    return json::serialize(member);
  }
  return std::string();
}

}  // namespace sightline::aws::wire
