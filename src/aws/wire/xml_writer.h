#pragma once
// XML as the query and rest-xml protocols answer it.

#include <string>
#include <string_view>

#include "aws/wire/model.h"

namespace sightline::aws::wire {

class XmlWriter {
 public:
  XmlWriter();

  /// `attributes` stands in the tag as it is: use attribute() to make it.
  void open(std::string_view name, std::string_view attributes = {});
  void close(std::string_view name);
  void element(std::string_view name, std::string_view text);
  /// What stands for a structure's members, without a tag of its own.
  void members(const Shape& shape, const void* object);
  /// A value under `name`.
  void value(const Shape& shape, std::string_view name, bool flattened, TimestampFormat format,
             const void* value);

  [[nodiscard]] std::string take() { return std::move(text_); }

  static std::string attribute(std::string_view name, std::string_view value);
  /// The attributes in the tag of a structure: its namespace, and members that stand there. Empty for other
  /// shapes.
  static std::string attributes_of(const Shape& shape, const void* object);

 private:
  std::string text_;
};

}  // namespace sightline::aws::wire
