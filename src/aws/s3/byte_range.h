#pragma once
// The Range field of a request for one object (RFC 9110, section 14.2): one range of bytes.

#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "cloud/buckets/object_reader.h"

namespace sightline::aws::s3 {

enum class RangeProblem { unsatisfiable };

/// nullopt where the field is to be ignored: malformed, other units, or several ranges, which S3 does not
/// serve.
[[nodiscard]] std::expected<std::optional<buckets::PartRange>, RangeProblem> read_range(
    std::string_view field, std::uint64_t size);

/// "bytes=0-9", as a copy's source: both ends told. nullopt where it is anything else.
[[nodiscard]] std::optional<buckets::PartRange> read_copy_range(std::string_view field);

}  // namespace sightline::aws::s3
