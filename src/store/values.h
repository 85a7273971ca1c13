#pragma once
// How times and byte strings stand in columns.

#include <string>
#include <string_view>

#include "base/clock.h"
#include "store/database.h"

namespace sightline::store {

[[nodiscard]] inline std::int64_t number(Instant time) {
  return time.time_since_epoch().count();
}

[[nodiscard]] inline Instant instant(std::int64_t number) {
  return Instant(std::chrono::milliseconds(number));
}

/// Borrowed, as parameters are.
[[nodiscard]] inline BytesView bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

[[nodiscard]] inline std::string text(BytesView bytes) {
  return {bytes.begin(), bytes.end()};
}

}  // namespace sightline::store
