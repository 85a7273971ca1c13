#include "aws/wire/scalar.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

#include "base/base64.h"
#include "base/time_text.h"

namespace sightline::aws::wire {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr Timestamp kFirst{seconds(-62135596800)};  // the year 1
constexpr Timestamp kEnd{seconds(253402300800)};    // the year 10000

std::optional<Timestamp> in_range(Timestamp time) {
  return time >= kFirst && time < kEnd ? std::optional(time) : std::nullopt;
}

template <typename T>
bool parse_number(std::string_view text, T& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

template <typename T>
bool parse_float(std::string_view text, T& out) {
  if (text == "NaN") {
    out = std::numeric_limits<T>::quiet_NaN();
    return true;
  }
  if (text == "Infinity" || text == "-Infinity") {
    out = std::numeric_limits<T>::infinity() * (text[0] == '-' ? T{-1} : T{1});
    return true;
  }
  return parse_number(text, out) && std::isfinite(out);
}

template <typename T>
std::string format_float(T value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  return fmt::format("{}", value);
}

/// Takes fixed fields off the front of a text; `good` stays true while all were there.
struct Scanner {
  std::string_view rest;
  bool good = true;

  int digits(std::size_t count) {
    int value = 0;
    if (rest.size() < count) good = false;
    for (std::size_t i = 0; i < count && good; ++i) {
      good = rest[i] >= '0' && rest[i] <= '9';
      value = value * 10 + (rest[i] - '0');
    }
    if (good) rest.remove_prefix(count);
    return good ? value : 0;
  }
  void expect(std::string_view text) {
    if (!rest.starts_with(text)) good = false;
    if (good) rest.remove_prefix(text.size());
  }
  template <std::size_t kCount>
  unsigned one_of(const std::array<std::string_view, kCount>& names) {
    for (unsigned i = 0; i < kCount; ++i) {
      if (good && rest.starts_with(names[i])) {
        rest.remove_prefix(names[i].size());
        return i;
      }
    }
    good = false;
    return 0;
  }
  milliseconds fraction() {
    if (!good || !rest.starts_with('.')) return {};
    double value = 0;
    std::size_t length = 1;
    for (double weight = 0.1; length < rest.size() && rest[length] >= '0' && rest[length] <= '9'; ++length) {
      value += weight * (rest[length] - '0');
      weight /= 10;
    }
    good = length > 1;
    rest.remove_prefix(length);
    return milliseconds(std::lround(value * 1000));
  }
  minutes offset() {
    if (rest == "Z" || rest == "z") {
      rest = {};
      return {};
    }
    const bool west = rest.starts_with('-');
    if (!west && !rest.starts_with('+')) good = false;
    if (good) rest.remove_prefix(1);
    const int hour = digits(2);
    expect(":");
    const minutes offset = hours(hour) + minutes(digits(2));
    return west ? -offset : offset;
  }
};

std::optional<Timestamp> make_time(int year_number, unsigned month_number, int day_number, int hour,
                                   int minute, int second) {
  const year_month_day date{year(year_number), month(month_number), day(static_cast<unsigned>(day_number))};
  if (year_number < 1 || !date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return in_range(sys_days(date) + hours(hour) + minutes(minute) + seconds(second));
}

std::optional<Timestamp> parse_iso8601(std::string_view text) {
  Scanner scan{text};
  const int year_number = scan.digits(4);
  scan.expect("-");
  const int month_number = scan.digits(2);
  scan.expect("-");
  const int day_number = scan.digits(2);
  scan.expect("T");
  const int hour = scan.digits(2);
  scan.expect(":");
  const int minute = scan.digits(2);
  scan.expect(":");
  const int second = scan.digits(2);
  const milliseconds fraction = scan.fraction();
  const minutes offset = scan.offset();
  if (!scan.good || !scan.rest.empty()) return std::nullopt;
  const auto time =
      make_time(year_number, static_cast<unsigned>(month_number), day_number, hour, minute, second);
  return time ? in_range(*time + fraction - offset) : std::nullopt;
}

std::optional<Timestamp> parse_http_date(std::string_view text) {
  Scanner scan{text};
  scan.one_of(kDays);
  scan.expect(", ");
  const int day_number = scan.digits(2);
  scan.expect(" ");
  const unsigned month_number = scan.one_of(kMonths) + 1;
  scan.expect(" ");
  const int year_number = scan.digits(4);
  scan.expect(" ");
  const int hour = scan.digits(2);
  scan.expect(":");
  const int minute = scan.digits(2);
  scan.expect(":");
  const int second = scan.digits(2);
  scan.expect(" GMT");
  if (!scan.good || !scan.rest.empty()) return std::nullopt;
  return make_time(year_number, month_number, day_number, hour, minute, second);
}

}  // namespace

bool is_scalar(ShapeType type) {
  return type != ShapeType::structure && type != ShapeType::list && type != ShapeType::map;
}

TimestampFormat timestamp_format(const Shape& shape, TimestampFormat of_member, TimestampFormat by_place) {
  if (of_member != TimestampFormat::by_place) return of_member;
  return shape.timestamp != TimestampFormat::by_place ? shape.timestamp : by_place;
}

std::optional<Timestamp> parse_timestamp(std::string_view text, TimestampFormat format) {
  switch (format) {
    case TimestampFormat::iso8601:
      return parse_iso8601(text);
    case TimestampFormat::http_date:
      return parse_http_date(text);
    case TimestampFormat::unix_seconds:
    case TimestampFormat::by_place:
      break;
  }
  double value = 0;
  if (!parse_number(text, value) || !(std::abs(value) < 1e12)) return std::nullopt;
  return in_range(Timestamp(milliseconds(std::llround(value * 1000))));
}

std::string format_timestamp(Timestamp time, TimestampFormat format) {
  if (format == TimestampFormat::unix_seconds || format == TimestampFormat::by_place) {
    const std::int64_t count = time.time_since_epoch().count();
    const std::string text = fmt::format("{}{}", count < 0 ? "-" : "", std::abs(count / 1000));
    const auto rest = static_cast<int>(std::abs(count % 1000));
    return rest == 0 ? text : fmt::format("{}.{:03}", text, rest);
  }
  if (format == TimestampFormat::http_date) return sightline::http_date(floor<seconds>(time));
  return sightline::iso8601(time, Fraction::where_needed);
}

bool parse_scalar(const Shape& shape, TimestampFormat format, std::string_view text, void* out) {
  switch (shape.type) {
    case ShapeType::string:
      static_cast<std::string*>(out)->assign(text);
      return true;
    case ShapeType::boolean:
      *static_cast<bool*>(out) = text == "true";
      return text == "true" || text == "false";
    case ShapeType::int32:
      return parse_number(text, *static_cast<std::int32_t*>(out));
    case ShapeType::int64:
      return parse_number(text, *static_cast<std::int64_t*>(out));
    case ShapeType::float32:
      return parse_float(text, *static_cast<float*>(out));
    case ShapeType::float64:
      return parse_float(text, *static_cast<double*>(out));
    case ShapeType::timestamp: {
      const auto time = parse_timestamp(text, format);
      if (time) *static_cast<Timestamp*>(out) = *time;
      return time.has_value();
    }
    case ShapeType::blob:
      return base64_decode(text, *static_cast<Bytes*>(out));
    case ShapeType::structure:
    case ShapeType::list:
    case ShapeType::map:
      break;
  }
  return false;
}

std::string format_scalar(const Shape& shape, TimestampFormat format, const void* value) {
  switch (shape.type) {
    case ShapeType::string:
      return *static_cast<const std::string*>(value);
    case ShapeType::boolean:
      return *static_cast<const bool*>(value) ? "true" : "false";
    case ShapeType::int32:
      return fmt::format("{}", *static_cast<const std::int32_t*>(value));
    case ShapeType::int64:
      return fmt::format("{}", *static_cast<const std::int64_t*>(value));
    case ShapeType::float32:
      return format_float(*static_cast<const float*>(value));
    case ShapeType::float64:
      return format_float(*static_cast<const double*>(value));
    case ShapeType::timestamp:
      return format_timestamp(*static_cast<const Timestamp*>(value), format);
    case ShapeType::blob:
      return base64_encode(*static_cast<const Bytes*>(value));
    case ShapeType::structure:
    case ShapeType::list:
    case ShapeType::map:
      break;
  }
  return {};
}

}  // namespace sightline::aws::wire
