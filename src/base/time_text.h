#pragma once
// Points in time as protocols and logs write them; UTC, years 1 to 9999, whatever the locale.

#include <chrono>
#include <string>

#include "base/clock.h"

namespace sightline {

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, section 5.6.7).
[[nodiscard]] std::string http_date(std::chrono::sys_seconds time);

enum class Fraction { always, where_needed };
/// "1994-11-06T08:49:37.000Z" (ISO 8601), with three digits of the second's fraction.
[[nodiscard]] std::string iso8601(Instant time, Fraction fraction);

}  // namespace sightline
