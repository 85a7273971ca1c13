#include "cloud/policy/values.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

#include "base/whole_number.h"

namespace sightline::policy {
namespace {

/// ::ffff:0:0/96, where IPv4 lies in IPv6.
constexpr Network kAllOfIpv4{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};
constexpr std::int64_t kFirstYear = -292275054;
constexpr std::int64_t kLastYear = 292278993;
constexpr std::size_t kMaxFraction = 9;  // digits of a second

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

/// The whole number at the front of a text, from `least` to `most`; digits only.
std::optional<std::int64_t> take_number(std::string_view& text, std::int64_t least, std::int64_t most) {
  const auto digits = text.substr(0, std::min(text.find_first_not_of("0123456789"), text.size()));
  const auto value = parse_whole<std::int64_t>(digits);
  if (!value || *value < least || *value > most) return std::nullopt;
  text.remove_prefix(digits.size());
  return value;
}

bool begins_alike(const std::array<std::uint8_t, 16>& one, const std::array<std::uint8_t, 16>& other,
                  unsigned bits) {
  const unsigned whole = bits / 8;
  if (!std::equal(one.begin(), one.begin() + whole, other.begin())) return false;
  const unsigned rest = bits % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff << (8 - rest));
  return ((one[whole] ^ other[whole]) & mask) == 0;
}

/// Days since 1970 of a date of the Gregorian calendar, reckoned in both directions.
std::int64_t days_since_1970(std::int64_t year, std::int64_t month, std::int64_t day) {
  if (month <= 2) --year;  // so that the leap day is a year's last
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

/// year[-month[-day]], in days.
std::optional<std::int64_t> parse_day(std::string_view text) {
  const bool negative = take(text, '-');
  auto year = take_number(text, 0, negative ? -kFirstYear : kLastYear);
  std::optional<std::int64_t> month = 1;
  std::optional<std::int64_t> day = 1;
  if (take(text, '-')) {
    month = take_number(text, 1, 12);
    if (take(text, '-')) day = take_number(text, 1, 31);
  }
  if (!text.empty() || !year || !month || !day) return std::nullopt;
  return days_since_1970(negative ? -*year : *year, *month, *day);
}

/// Z, +hh, +hh:mm or nothing, in seconds.
std::optional<std::int64_t> parse_offset(std::string_view text) {
  if (text.empty() || text == "Z" || text == "z") return 0;
  const int sign = text.front() == '-' ? -1 : 1;
  if (text.front() != '+' && text.front() != '-') return std::nullopt;
  text.remove_prefix(1);
  if (text.size() != 2 && text.size() != 5) return std::nullopt;
  const auto hours = take_number(text, 0, 23);
  std::optional<std::int64_t> minutes = 0;
  if (take(text, ':')) minutes = take_number(text, 0, 59);
  if (!hours || !minutes || !text.empty()) return std::nullopt;
  return sign * (*hours * 3600 + *minutes * 60);
}

/// [hh[:mm[:ss[.fraction]]]][offset], in seconds.
std::optional<double> parse_time(std::string_view text) {
  if (text.empty()) return 0;
  const auto hours = take_number(text, 0, 23);
  if (!hours) return std::nullopt;
  double seconds = static_cast<double>(*hours) * 3600;
  if (take(text, ':')) {
    const auto minutes = take_number(text, 0, 59);
    if (!minutes) return std::nullopt;
    seconds += static_cast<double>(*minutes) * 60;
    if (take(text, ':')) {
      const auto whole = take_number(text, 0, 59);
      if (!whole) return std::nullopt;
      seconds += static_cast<double>(*whole);
      if (take(text, '.')) {
        const std::size_t length = std::min(text.find_first_not_of("0123456789"), text.size());
        if (length == 0 || length > kMaxFraction) return std::nullopt;
        seconds += *parse_number(std::string("0.").append(text.substr(0, length)));
        text.remove_prefix(length);
      }
    }
  }
  const auto offset = parse_offset(text);
  if (!offset) return std::nullopt;
  return seconds - static_cast<double>(*offset);
}

}  // namespace

std::optional<double> parse_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<double> parse_date(std::string_view text) {
  const auto t = text.find_first_of("Tt");
  if (t == std::string_view::npos && text.find('-') == std::string_view::npos) {
    const auto seconds = parse_whole<std::int64_t>(text);
    return seconds ? std::optional(static_cast<double>(*seconds)) : std::nullopt;
  }
  const auto days = parse_day(text.substr(0, t));
  const auto time = parse_time(t == std::string_view::npos ? "" : text.substr(t + 1));
  if (!days || !time) return std::nullopt;
  return static_cast<double>(*days) * 86400 + *time;
}

std::optional<Network> parse_network(std::string_view text) {
  Network network;
  const auto slash = text.find('/');
  const std::string address(text.substr(0, slash));
  if (address.find('\0') != std::string::npos) return std::nullopt;
  const bool v4 = address.find(':') == std::string::npos;
  if (v4) {
    network.address[10] = network.address[11] = 0xff;
    if (inet_pton(AF_INET, address.c_str(), network.address.data() + 12) != 1) return std::nullopt;
  } else if (inet_pton(AF_INET6, address.c_str(), network.address.data()) != 1) {
    return std::nullopt;
  }
  network.prefix = 128;
  if (slash != std::string_view::npos) {
    const auto bits = parse_whole<unsigned>(text.substr(slash + 1));
    if (!bits || *bits > (v4 ? 32U : 128U)) return std::nullopt;
    network.prefix = v4 ? kAllOfIpv4.prefix + *bits : *bits;
  }
  return network;
}

bool lies_in(const Network& inner, const Network& outer) {
  if (inner.prefix < outer.prefix) return false;
  if (outer.prefix < kAllOfIpv4.prefix && begins_alike(inner.address, kAllOfIpv4.address, kAllOfIpv4.prefix))
    return false;
  return begins_alike(inner.address, outer.address, outer.prefix);
}

bool has_ipv4(const Network& network) {
  return begins_alike(network.address, kAllOfIpv4.address, std::min(network.prefix, kAllOfIpv4.prefix));
}

}  // namespace sightline::policy
