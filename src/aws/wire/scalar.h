#pragma once
// Numbers, booleans, timestamps and blobs as text: in XML, forms, headers and query strings, and (numbers
// and timestamps alone) in JSON.

#include <optional>
#include <string>
#include <string_view>

#include "aws/wire/model.h"

namespace sightline::aws::wire {

/// Years 1 to 9999. iso8601 takes a fraction and an offset; http_date is RFC 7231's preferred form alone.
/// What is finer than a millisecond is rounded to one.
[[nodiscard]] std::optional<Timestamp> parse_timestamp(std::string_view text, TimestampFormat format);
[[nodiscard]] std::string format_timestamp(Timestamp time, TimestampFormat format);

/// The format of a member's or element's timestamp where the model leaves it open.
[[nodiscard]] TimestampFormat timestamp_format(const Shape& shape, TimestampFormat of_member,
                                               TimestampFormat by_place);

/// Parses a scalar into the value of its shape's type at `out`; false where the text is none or out of range.
[[nodiscard]] bool parse_scalar(const Shape& shape, TimestampFormat format, std::string_view text, void* out);
/// The shortest text that parses to the same value.
[[nodiscard]] std::string format_scalar(const Shape& shape, TimestampFormat format, const void* value);

[[nodiscard]] bool is_scalar(ShapeType type);

}  // namespace sightline::aws::wire
