#pragma once
// Values as people type them: times, boxes, colours, sizes. Errors quote the value and show a good one.

#include <array>
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "sight/anonymize/clip_job.h"

namespace sightline::cli {

/// Seconds: "12.5", "1:02", "1:02:03.5". Not negative, at most 1000 hours.
[[nodiscard]] Result<double> parse_time(std::string_view text);
/// "x,y,w,h" in pixels, optionally "@from-to" with either end open: "10,20,64,64@2.5-1:10", "...@5-".
[[nodiscard]] Result<anonymize::Region> parse_region(std::string_view text);
/// "ff8800" or "#ff8800".
[[nodiscard]] Result<std::array<std::uint8_t, 3>> parse_color(std::string_view text);
/// "640x360".
[[nodiscard]] Result<media::Size> parse_size(std::string_view text);

}  // namespace sightline::cli
