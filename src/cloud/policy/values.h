#pragma once
// What condition values mean besides text.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sightline::policy {

/// A finite decimal number.
[[nodiscard]] std::optional<double> parse_number(std::string_view text);

/// Seconds since 1970 of a date as AWS takes it: these seconds themselves as a whole number, or ISO 8601
/// from the year on to any precision, in UTC where no offset stands. Parts may have fewer digits.
[[nodiscard]] std::optional<double> parse_date(std::string_view text);

/// A range of addresses. IPv4 stands in its mapped form, ::ffff:a.b.c.d.
struct Network {
  std::array<std::uint8_t, 16> address{};
  unsigned prefix = 0;  ///< in bits
  bool operator==(const Network&) const = default;
};
/// "203.0.113.0/24", "2001:db8::/32", or one address.
[[nodiscard]] std::optional<Network> parse_network(std::string_view text);
/// Whether all of `inner` lies in `outer`. IPv4 lies in no range of IPv6 that is wider than all of IPv4.
[[nodiscard]] bool lies_in(const Network& inner, const Network& outer);
/// Whether it has addresses of IPv4, however it is written.
[[nodiscard]] bool has_ipv4(const Network& network);

}  // namespace sightline::policy
