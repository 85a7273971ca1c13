#include "net/outgoing/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <span>

#include "base/whole_number.h"

namespace sightline::outgoing {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr unsigned kMappedBits = 96;

IpAddress mapped(std::span<const std::uint8_t, 4> v4) {
  IpAddress address;
  std::ranges::copy(kMapped, address.bytes.begin());
  std::ranges::copy(v4, address.bytes.begin() + kMapped.size());
  return address;
}

struct Block {
  const char* network;
  AddressKind kind;
};

// The narrower before the wider. https://www.iana.org/assignments/iana-ipv4-special-registry
constexpr Block kBlocksV4[] = {
    {"0.0.0.0/8", AddressKind::unspecified},        {"10.0.0.0/8", AddressKind::private_use},
    {"100.64.0.0/10", AddressKind::carrier_shared}, {"127.0.0.0/8", AddressKind::loopback},
    {"169.254.0.0/16", AddressKind::link_local},    {"172.16.0.0/12", AddressKind::private_use},
    {"192.0.0.0/24", AddressKind::reserved},        {"192.0.2.0/24", AddressKind::reserved},
    {"192.88.99.0/24", AddressKind::reserved},      {"192.168.0.0/16", AddressKind::private_use},
    {"198.18.0.0/15", AddressKind::reserved},       {"198.51.100.0/24", AddressKind::reserved},
    {"203.0.113.0/24", AddressKind::reserved},      {"224.0.0.0/4", AddressKind::multicast},
    {"240.0.0.0/4", AddressKind::reserved},
};

// https://www.iana.org/assignments/iana-ipv6-special-registry
constexpr Block kBlocksV6[] = {
    {"::/128", AddressKind::unspecified},
    {"::1/128", AddressKind::loopback},
    {"64:ff9b:1::/48", AddressKind::private_use},
    {"2001::/23", AddressKind::reserved},  // Teredo, ORCHID and other protocols' own
    {"2001:db8::/32", AddressKind::reserved},
    {"3fff::/20", AddressKind::reserved},
    {"2000::/3", AddressKind::global},  // all that is given out to networks
    {"fc00::/7", AddressKind::private_use},
    {"fe80::/10", AddressKind::link_local},
    {"fec0::/10", AddressKind::private_use},
    {"ff00::/8", AddressKind::multicast},
    {"::/0", AddressKind::reserved},
};

// Networks whose addresses carry an IPv4 address, and at which byte.
struct Carrier {
  const char* network;
  std::size_t at;
};
constexpr Carrier kCarriers[] = {
    {"::ffff:0.0.0.0/96", 12},  // mapped
    {"::ffff:0:0:0/96", 12},    // translated (RFC 2765)
    {"64:ff9b::/96", 12},       // NAT64 (RFC 6052)
    {"2002::/16", 2},           // 6to4 (RFC 3056)
    {"::/96", 12},              // compatible; :: and ::1 are looked for before
};

struct KnownBlock {
  Network network;
  AddressKind kind;
};
struct KnownCarrier {
  Network network;
  std::size_t at;
};

// Texts of the tables above are right: a test asks for every one of them.
Network known(const char* text) {
  return parse_network(text).value_or(Network{});
}

template <std::size_t count>
std::array<KnownBlock, count> read_blocks(const Block (&blocks)[count]) {
  std::array<KnownBlock, count> out{};
  std::ranges::transform(blocks, out.begin(),
                         [](const Block& block) { return KnownBlock{known(block.network), block.kind}; });
  return out;
}

std::optional<AddressKind> first_match(std::span<const KnownBlock> blocks, const IpAddress& address) {
  const auto found =
      std::ranges::find_if(blocks, [&](const KnownBlock& block) { return block.network.contains(address); });
  if (found == blocks.end()) return std::nullopt;
  return found->kind;
}

AddressKind kind_of_v4(const IpAddress& address) {
  static const auto blocks = read_blocks(kBlocksV4);
  return first_match(blocks, address).value_or(AddressKind::global);
}

std::optional<IpAddress> carried_v4(const IpAddress& address) {
  static const auto carriers = [] {
    std::array<KnownCarrier, std::size(kCarriers)> out{};
    std::ranges::transform(kCarriers, out.begin(), [](const Carrier& carrier) {
      return KnownCarrier{known(carrier.network), carrier.at};
    });
    return out;
  }();
  for (const KnownCarrier& carrier : carriers)
    if (carrier.network.contains(address))
      return mapped(std::span(address.bytes).subspan(carrier.at).first<4>());
  return std::nullopt;
}

}  // namespace

bool IpAddress::is_v4() const {
  return std::equal(kMapped.begin(), kMapped.end(), bytes.begin());
}

std::optional<IpAddress> parse_address(std::string_view text) {
  // inet_pton() wants an end that it can see; a NUL within the text must not be one.
  if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string ended(text);
  std::array<std::uint8_t, 4> v4{};
  if (::inet_pton(AF_INET, ended.c_str(), v4.data()) == 1) return mapped(v4);
  IpAddress address;
  if (::inet_pton(AF_INET6, ended.c_str(), address.bytes.data()) == 1) return address;
  return std::nullopt;
}

std::optional<IpAddress> address_of(const sockaddr* address, std::size_t size) {
  if (size < sizeof(sockaddr)) return std::nullopt;
  if (address->sa_family == AF_INET && size >= sizeof(sockaddr_in)) {
    sockaddr_in v4{};
    std::memcpy(&v4, address, sizeof(v4));
    std::array<std::uint8_t, 4> bytes{};
    std::memcpy(bytes.data(), &v4.sin_addr, bytes.size());
    return mapped(bytes);
  }
  if (address->sa_family == AF_INET6 && size >= sizeof(sockaddr_in6)) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, address, sizeof(v6));
    IpAddress out;
    std::memcpy(out.bytes.data(), &v6.sin6_addr, out.bytes.size());
    return out;
  }
  return std::nullopt;
}

std::string to_text(const IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.is_v4())
    ::inet_ntop(AF_INET, address.bytes.data() + kMapped.size(), text.data(), text.size());
  else
    ::inet_ntop(AF_INET6, address.bytes.data(), text.data(), text.size());
  return text.data();
}

AddressKind kind_of(const IpAddress& address) {
  static const auto blocks = read_blocks(kBlocksV6);
  const AddressKind own = first_match(blocks, address).value_or(AddressKind::reserved);
  if (own == AddressKind::unspecified || own == AddressKind::loopback) return own;
  const auto carried = carried_v4(address);
  return carried ? kind_of_v4(*carried) : own;
}

std::string_view to_text(AddressKind kind) {
  switch (kind) {
    case AddressKind::global:
      return "a public address";
    case AddressKind::unspecified:
      return "an unspecified address";
    case AddressKind::loopback:
      return "a loopback address";
    case AddressKind::private_use:
      return "a private address";
    case AddressKind::link_local:
      return "a link-local address";
    case AddressKind::carrier_shared:
      return "an address shared within a provider's network";
    case AddressKind::multicast:
      return "a multicast address";
    case AddressKind::reserved:
      return "a reserved address";
  }
  return "an unknown address";
}

bool Network::contains(const IpAddress& address) const {
  if (address.is_v4() != first.is_v4()) return false;
  const std::size_t whole = bits / 8;
  if (!std::equal(first.bytes.begin(), first.bytes.begin() + static_cast<std::ptrdiff_t>(whole),
                  address.bytes.begin()))
    return false;
  const unsigned rest = bits % 8;
  return rest == 0 || ((first.bytes[whole] ^ address.bytes[whole]) >> (8 - rest)) == 0;
}

std::optional<Network> parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view written = text.substr(0, slash);
  const auto first = parse_address(written);
  if (!first) return std::nullopt;
  Network network{*first, 128};
  if (slash != std::string_view::npos) {
    const auto bits = parse_whole<unsigned>(text.substr(slash + 1));
    // As it was written: "::ffff:0.0.0.0/96" counts 128 bits, "10.0.0.0/8" counts 32.
    const bool v4 = written.find(':') == std::string_view::npos;
    if (!bits || *bits > (v4 ? 32 : 128)) return std::nullopt;
    network.bits = v4 ? kMappedBits + *bits : *bits;
  }
  for (unsigned bit = network.bits; bit < 128; ++bit)
    if ((network.first.bytes[bit / 8] >> (7 - bit % 8) & 1) != 0) return std::nullopt;
  return network;
}

}  // namespace sightline::outgoing
