#include "app/cli/values.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>

#include "base/whole_number.h"

namespace sightline::cli {
namespace {

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

/// The text up to `separator`, which leaves `rest`; all of it when there is none.
std::string_view take_until(std::string_view& rest, char separator) {
  const std::size_t at = rest.find(separator);
  const std::string_view part = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
  return part;
}

}  // namespace

Result<double> parse_time(std::string_view text) {
  const auto bad = [&] {
    return fail(ErrorKind::invalid_argument,
                fmt::format("'{}' is no time; write seconds (12.5) or 1:02:03.5", text));
  };
  double seconds = 0;
  std::string_view rest = text;
  int parts = 0;
  while (!rest.empty()) {
    const bool last = rest.find(':') == std::string_view::npos;
    const std::optional<double> part = number(take_until(rest, ':'));
    ++parts;
    if (!part || *part < 0 || parts > 3 || (parts > 1 && *part >= 60)) return bad();
    if (!last && (rest.empty() || *part != std::floor(*part))) return bad();
    seconds = seconds * 60 + *part;
  }
  if (parts == 0 || seconds > 3.6e6) return bad();
  return seconds;
}

Result<anonymize::Region> parse_region(std::string_view text) {
  const auto bad = [&] {
    return fail(
        ErrorKind::invalid_argument,
        fmt::format(
            "'{}' is no area; write x,y,width,height in pixels, with a time if you like: 10,20,64,64@2-5.5",
            text));
  };
  std::string_view times = text;
  std::string_view numbers = take_until(times, '@');
  const bool timed = numbers.size() != text.size();
  std::array<double, 4> values{};
  for (double& value : values) {
    const std::optional<double> parsed = number(take_until(numbers, ','));
    if (!parsed || std::abs(*parsed) > 1e6) return bad();
    value = *parsed;
  }
  if (!numbers.empty() || values[2] <= 0 || values[3] <= 0) return bad();
  anonymize::Region region;
  region.box = {static_cast<float>(values[0]), static_cast<float>(values[1]), static_cast<float>(values[2]),
                static_cast<float>(values[3])};
  if (!timed) return region;
  if (times.find('-') == std::string_view::npos) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("'{}': '{}' is no span of time; write from when to when: 10,20,64,64@2-5.5", text,
                            times));
  }
  const std::string_view from = take_until(times, '-');
  if (from.empty() && times.empty()) return bad();
  if (!from.empty()) region.span.from = TRY(parse_time(from));
  if (!times.empty()) region.span.to = TRY(parse_time(times));
  if (region.span.from && region.span.to && *region.span.from >= *region.span.to) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("'{}': {} is not before {}; write from when to when: 10,20,64,64@2-5.5", text,
                            from, times));
  }
  return region;
}

Result<std::array<std::uint8_t, 3>> parse_color(std::string_view text) {
  std::string_view digits = text;
  if (digits.starts_with('#')) digits.remove_prefix(1);
  const auto value = parse_whole<unsigned>(digits, 16);
  if (digits.size() != 6 || !value) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("'{}' is no colour; write RRGGBB, as in ff8800", text));
  }
  return std::array<std::uint8_t, 3>{static_cast<std::uint8_t>(*value >> 16),
                                     static_cast<std::uint8_t>(*value >> 8),
                                     static_cast<std::uint8_t>(*value)};
}

Result<media::Size> parse_size(std::string_view text) {
  std::string_view rest = text;
  const std::optional<double> width = number(take_until(rest, 'x'));
  const std::optional<double> height = number(rest);
  const auto good = [](const std::optional<double>& side) {
    return side && *side >= 32 && *side <= 16384 && *side == std::floor(*side);
  };
  if (!good(width) || !good(height)) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("'{}' is no size; write WIDTHxHEIGHT, as in 640x360", text));
  }
  return media::Size{static_cast<int>(*width), static_cast<int>(*height)};
}

}  // namespace sightline::cli
