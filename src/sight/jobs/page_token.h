#pragma once
// Where a page of results goes on, as a text that only this server can make, valid for one job only.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/file.h"

namespace sightline::jobs {

/// At most 255 characters, of Base64's.
[[nodiscard]] std::string make_page_token(std::span<const std::uint8_t> secret, std::string_view job,
                                          std::int64_t position);
/// nullopt when the token was not made with this secret for this job.
[[nodiscard]] std::optional<std::int64_t> read_page_token(std::span<const std::uint8_t> secret,
                                                          std::string_view job, std::string_view token);

}  // namespace sightline::jobs
