#pragma once
// Named texts in one column, and in an event's payload.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "cloud/buckets/types.h"
#include "store/database.h"

namespace sightline::buckets {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// Each name and value behind its length, which is a 32-bit number, lowest byte first.
[[nodiscard]] Bytes encode_fields(const Fields& fields);
/// Errors: corrupt.
[[nodiscard]] Result<Fields> decode_fields(store::BytesView bytes);

[[nodiscard]] Bytes encode_attributes(const Attributes& attributes);
/// Errors: corrupt.
[[nodiscard]] Result<Attributes> decode_attributes(store::BytesView bytes);

}  // namespace sightline::buckets
