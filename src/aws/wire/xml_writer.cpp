#include "aws/wire/xml_writer.h"

#include <fmt/format.h>

#include "aws/wire/scalar.h"
#include "base/markup.h"

namespace sightline::aws::wire {

std::string XmlWriter::attributes_of(const Shape& shape, const void* object) {
  std::string text;
  if (shape.type != ShapeType::structure) return text;
  if (!shape.xml_namespace.empty()) {
    const std::string name = shape.xml_prefix.empty() ? "xmlns" : fmt::format("xmlns:{}", shape.xml_prefix);
    text += XmlWriter::attribute(name, shape.xml_namespace);
  }
  for (const Member& member : shape.members) {
    const void* value = member.attribute ? member.slot.get(object) : nullptr;
    if (value) text += XmlWriter::attribute(member.wire_name, format_scalar(*member.shape, {}, value));
  }
  return text;
}

XmlWriter::XmlWriter() : text_("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n") {}

std::string XmlWriter::attribute(std::string_view name, std::string_view value) {
  std::string text = fmt::format(" {}=\"", name);
  append_escaped(text, value);
  return text + '"';
}

void XmlWriter::open(std::string_view name, std::string_view attributes) {
  text_ += '<';
  text_ += name;
  text_ += attributes;
  text_ += '>';
}

void XmlWriter::close(std::string_view name) {
  text_ += "</";
  text_ += name;
  text_ += '>';
}

void XmlWriter::element(std::string_view name, std::string_view text) {
  open(name);
  append_escaped(text_, text);
  close(name);
}

void XmlWriter::members(const Shape& shape, const void* object) {
  for (const Member& member : shape.members) {
    const void* held = member.slot.get(object);
    if (!held || member.location != Location::body || member.attribute) continue;
    value(*member.shape, member.wire_name, member.flattened, member.timestamp, held);
  }
}

void XmlWriter::value(const Shape& shape, std::string_view name, bool flattened, TimestampFormat of_member,
                      const void* value) {
  if (is_scalar(shape.type)) {
    element(name, format_scalar(shape, timestamp_format(shape, of_member, TimestampFormat::iso8601), value));
    return;
  }
  if (!flattened) open(name, attributes_of(shape, value));
  if (shape.type == ShapeType::structure) {
    members(shape, value);
  } else if (shape.type == ShapeType::list) {
    for (std::size_t i = 0; i < shape.list->size(value); ++i) {
      this->value(*shape.element, flattened ? name : shape.element_name, false, TimestampFormat::by_place,
                  shape.list->at(value, i));
    }
  } else {
    const std::string_view entry = flattened ? name : "entry";
    shape.map->each(value, [&](const std::string& key, const void* item) {
      open(entry);
      element(shape.key_name, key);
      this->value(*shape.element, shape.element_name, false, TimestampFormat::by_place, item);
      close(entry);
    });
  }
  if (!flattened) close(name);
}

}  // namespace sightline::aws::wire
