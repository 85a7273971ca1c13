#pragma once
// IP addresses of both versions, what they are for, and networks of them.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct sockaddr;

namespace sightline::outgoing {

/// An address without port and zone. IPv4 is held in its mapped form (::ffff:a.b.c.d), so that an address has
/// only one form, however it was written.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};  ///< in network order

  [[nodiscard]] bool is_v4() const;
  friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

/// Strict: "192.0.2.1" (four decimal numbers without leading zeros) or "2001:db8::1", no brackets, no zone.
[[nodiscard]] std::optional<IpAddress> parse_address(std::string_view text);
/// Of AF_INET or AF_INET6, `size` bytes of it; nothing for any other family, or where it is cut short.
[[nodiscard]] std::optional<IpAddress> address_of(const sockaddr* address, std::size_t size);
/// As people write it: IPv4 (mapped or not) as "192.0.2.1", IPv6 by RFC 5952.
[[nodiscard]] std::string to_text(const IpAddress& address);

/// What an address is for, by IANA's registries of special-purpose addresses.
enum class AddressKind {
  global,          ///< on the public Internet
  unspecified,     ///< 0.0.0.0/8, ::
  loopback,        ///< 127.0.0.0/8, ::1
  private_use,     ///< RFC 1918, fc00::/7, fec0::/10, 64:ff9b:1::/48
  link_local,      ///< 169.254.0.0/16 (clouds answer there with credentials), fe80::/10
  carrier_shared,  ///< 100.64.0.0/10, between a provider and its customers
  multicast,       ///< 224.0.0.0/4, ff00::/8
  reserved,        ///< documentation, benchmarks, broadcast, tunnels, and whatever was never given out
};

/// An address that carries an IPv4 address (mapped, compatible, translated, NAT64 of 64:ff9b::/96, 6to4) is
/// of the kind of that one.
[[nodiscard]] AddressKind kind_of(const IpAddress& address);
/// With its article: "a loopback address".
[[nodiscard]] std::string_view to_text(AddressKind kind);

/// The addresses that share their first bits.
struct Network {
  IpAddress first;
  unsigned bits = 128;  ///< of the 128; an IPv4 network of n bits has 96 + n

  /// IPv4 addresses are only in IPv4 networks: "::/0" holds none of them.
  [[nodiscard]] bool contains(const IpAddress& address) const;
  friend bool operator==(const Network&, const Network&) = default;
};

/// "10.0.0.0/8", "fd00::/8", or one address. Bits behind the prefix must be 0, as a slip of the pen there
/// would allow another network than was meant.
[[nodiscard]] std::optional<Network> parse_network(std::string_view text);

}  // namespace sightline::outgoing
