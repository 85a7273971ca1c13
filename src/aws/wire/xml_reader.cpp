#include "aws/wire/xml_reader.h"

#include <pugixml.hpp>

#include "aws/wire/scalar.h"
#include "base/markup.h"
#include "base/whole_number.h"

namespace sightline::aws::wire {
namespace {

/// A name without its prefix: S3 takes any.
std::string_view local_name(const char* name) {
  const std::string_view text(name);
  return text.substr(text.find(':') + 1);
}

/// Whether every character reference names a character that XML can carry: pugixml takes any number, and ends
/// a text at the character 0. What only resembles one, in a comment or CDATA, counts as one.
bool has_good_references(std::string_view text) {
  constexpr std::size_t kMaxDigits = 16;
  while (true) {
    const std::size_t start = text.find("&#");
    if (start == std::string_view::npos) return true;
    text.remove_prefix(start + 2);
    const bool hexadecimal = text.starts_with('x');
    const std::size_t end = text.substr(0, kMaxDigits).find(';');
    if (end == std::string_view::npos) return false;
    const auto code_point = hexadecimal ? parse_whole<std::uint32_t>(text.substr(1, end - 1), 16)
                                        : parse_whole<std::uint32_t>(text.substr(0, end));
    if (!code_point || !is_xml_character(*code_point)) return false;
  }
}

/// Text and CDATA of a node, whatever stands between them.
std::string text_of(const pugi::xml_node& node) {
  std::string text;
  for (const pugi::xml_node& child : node.children()) {
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) text += child.value();
  }
  return text;
}

class XmlReader {
 public:
  XmlReader(const Service& service, const Limits& limits)
      : service_(service), limits_(limits), left_(limits.element_bytes) {}

  Answer<void> structure(const Shape& shape, const pugi::xml_node& node, void* object, std::size_t depth) {
    if (depth > limits_.depth) return malformed();
    for (const Member& member : shape.members) {
      if (!member.attribute) continue;
      const pugi::xml_attribute attribute = node.attribute(std::string(member.wire_name).c_str());
      if (attribute)
        TRY(scalar(*member.shape, member.timestamp, attribute.value(), member.slot.emplace(object)));
    }
    for (const pugi::xml_node& child : node.children()) {
      if (child.type() != pugi::node_element) continue;
      if (const Member* member = find(shape, local_name(child.name()))) {
        TRY(member_value(*member, child, object, depth));
      }
    }
    return {};
  }

 private:
  std::unexpected<ServiceError> malformed() const { return refuse_xml(service_); }

  static const Member* find(const Shape& shape, std::string_view name) {
    for (const Member& member : shape.members) {
      if (member.location == Location::body && !member.attribute && member.wire_name == name) return &member;
    }
    return nullptr;
  }

  Answer<void> member_value(const Member& member, const pugi::xml_node& node, void* object,
                            std::size_t depth) {
    const Shape& shape = *member.shape;
    if (!member.flattened) {
      if (member.slot.get(object)) return malformed();
      return value(shape, node, member.timestamp, member.slot.emplace(object), depth + 1);
    }
    const void* held = member.slot.get(object);
    void* place = held ? const_cast<void*>(held) : member.slot.emplace(object);
    return shape.type == ShapeType::list ? element(shape, node, place, depth + 1)
                                         : entry(shape, node, place, depth + 1);
  }

  Answer<void> value(const Shape& shape, const pugi::xml_node& node, TimestampFormat of_member, void* place,
                     std::size_t depth) {
    if (shape.type == ShapeType::structure) return structure(shape, node, place, depth);
    if (is_scalar(shape.type)) return scalar(shape, of_member, text_of(node), place);
    for (const pugi::xml_node& child : node.children()) {
      const std::string_view name = local_name(child.name());
      if (shape.type == ShapeType::list && name == shape.element_name)
        TRY(element(shape, child, place, depth));
      if (shape.type == ShapeType::map && name == "entry") TRY(entry(shape, child, place, depth));
    }
    return {};
  }

  Answer<void> scalar(const Shape& shape, TimestampFormat of_member, std::string_view text, void* place) {
    const auto format = timestamp_format(shape, of_member, TimestampFormat::iso8601);
    if (!parse_scalar(shape, format, text, place)) return malformed();
    return {};
  }

  Answer<void> spend(std::size_t bytes) {
    if (bytes > left_) return malformed();
    left_ -= bytes;
    return {};
  }

  Answer<void> element(const Shape& shape, const pugi::xml_node& node, void* list, std::size_t depth) {
    TRY(spend(shape.list->element_size));
    return value(*shape.element, node, TimestampFormat::by_place, shape.list->append(list), depth);
  }

  Answer<void> entry(const Shape& shape, const pugi::xml_node& node, void* map, std::size_t depth) {
    const pugi::xml_node key = node.child(std::string(shape.key_name).c_str());
    const pugi::xml_node item = node.child(std::string(shape.element_name).c_str());
    if (!key || !item) return malformed();
    TRY(spend(shape.map->element_size));
    void* place = shape.map->insert(map, text_of(key));
    if (!place) return malformed();
    return value(*shape.element, item, TimestampFormat::by_place, place, depth);
  }

  const Service& service_;
  Limits limits_;
  std::size_t left_;
};

}  // namespace

std::unexpected<ServiceError> refuse_xml(const Service& service) {
  return std::unexpected(malformed_error(
      service, "The XML you provided was not well-formed or did not validate against our published schema"));
}

Answer<void> read_xml(const Service& service, const Shape& shape, std::string_view root,
                      std::string_view text, void* object, const Limits& limits) {
  const auto malformed = [&] { return refuse_xml(service); };
  if (!is_xml_text(text) || !has_good_references(text)) return malformed();
  pugi::xml_document document;
  const auto parsed = document.load_buffer(
      text.data(), text.size(), pugi::parse_default | pugi::parse_doctype | pugi::parse_ws_pcdata_single,
      pugi::encoding_utf8);
  if (!parsed) return malformed();
  int roots = 0;
  for (const pugi::xml_node& node : document.children()) {
    if (node.type() == pugi::node_doctype) return malformed();
    if (node.type() == pugi::node_element) ++roots;
  }
  if (roots != 1 || local_name(document.document_element().name()) != root) return malformed();
  return XmlReader(service, limits).structure(shape, document.document_element(), object, 0);
}

}  // namespace sightline::aws::wire
