#include "net/outgoing/address.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

#include <random>
#include <vector>

namespace sightline::outgoing {
namespace {

IpAddress read_ip(const std::string& text) {
  const auto address = parse_address(text);
  EXPECT_TRUE(address) << text;
  return address.value_or(IpAddress{});
}

TEST(Address, IsOfTheKindThatTheRegistriesSay) {
  using enum AddressKind;
  const std::vector<std::pair<const char*, AddressKind>> table{
      {"0.0.0.0", unspecified},
      {"0.255.255.255", unspecified},
      {"1.0.0.0", global},
      {"9.255.255.255", global},
      {"10.0.0.0", private_use},
      {"10.255.255.255", private_use},
      {"11.0.0.0", global},
      {"100.63.255.255", global},
      {"100.64.0.0", carrier_shared},
      {"100.127.255.255", carrier_shared},
      {"100.128.0.0", global},
      {"126.255.255.255", global},
      {"127.0.0.1", loopback},
      {"127.255.255.255", loopback},
      {"128.0.0.0", global},
      {"169.253.255.255", global},
      {"169.254.0.0", link_local},
      {"169.254.169.254", link_local},
      {"169.254.255.255", link_local},
      {"169.255.0.0", global},
      {"172.15.255.255", global},
      {"172.16.0.0", private_use},
      {"172.31.255.255", private_use},
      {"172.32.0.0", global},
      {"191.255.255.255", global},
      {"192.0.0.1", reserved},
      {"192.0.1.0", global},
      {"192.0.2.1", reserved},
      {"192.88.99.1", reserved},
      {"192.167.255.255", global},
      {"192.168.0.0", private_use},
      {"192.168.255.255", private_use},
      {"192.169.0.0", global},
      {"198.17.255.255", global},
      {"198.18.0.0", reserved},
      {"198.19.255.255", reserved},
      {"198.20.0.0", global},
      {"198.51.100.1", reserved},
      {"203.0.113.1", reserved},
      {"223.255.255.255", global},
      {"224.0.0.1", multicast},
      {"239.255.255.255", multicast},
      {"240.0.0.1", reserved},
      {"255.255.255.255", reserved},
      {"8.8.8.8", global},
      {"::", unspecified},
      {"::1", loopback},
      {"::2", unspecified},  // compatible: 0.0.0.2
      {"::127.0.0.1", loopback},
      {"::10.0.0.1", private_use},
      {"::8.8.8.8", global},
      {"::ffff:127.0.0.1", loopback},
      {"::ffff:10.1.2.3", private_use},
      {"::ffff:169.254.169.254", link_local},
      {"::ffff:8.8.8.8", global},
      {"::ffff:0:127.0.0.1", loopback},
      {"::ffff:0:8.8.8.8", global},
      {"::fffe:127.0.0.1", reserved},
      {"64:ff9b::127.0.0.1", loopback},
      {"64:ff9b::169.254.169.254", link_local},
      {"64:ff9b::192.168.0.1", private_use},
      {"64:ff9b::8.8.8.8", global},
      {"64:ff9b:1::8.8.8.8", private_use},
      {"64:ff9b:2::8.8.8.8", reserved},
      {"100::1", reserved},
      {"1fff:ffff::1", reserved},
      {"2000::1", global},
      {"2001::1", reserved},
      {"2001:0:0:1::1", reserved},  // Teredo
      {"2001:1ff:ffff::1", reserved},
      {"2001:200::1", global},
      {"2001:db7::1", global},
      {"2001:db8::1", reserved},
      {"2001:db9::1", global},
      {"2002:7f00:1::1", loopback},
      {"2002:a01:203::1", private_use},
      {"2002:a9fe:a9fe::1", link_local},
      {"2002:808:808::1", global},
      {"2606:4700:4700::1111", global},
      {"3fff:fff:ffff::1", reserved},
      {"3fff:1000::1", global},
      {"4000::1", reserved},
      {"5f00::1", reserved},
      {"fbff::1", reserved},
      {"fc00::1", private_use},
      {"fd12:3456::1", private_use},
      {"fdff:ffff::1", private_use},
      {"fe00::1", reserved},
      {"fe7f::1", reserved},
      {"fe80::1", link_local},
      {"febf::1", link_local},
      {"fec0::1", private_use},
      {"feff::1", private_use},
      {"ff02::1", multicast},
      {"ffff::1", multicast},
  };
  for (const auto& [text, kind] : table) EXPECT_EQ(to_text(kind_of(read_ip(text))), to_text(kind)) << text;
}

// Bounds written once more as arithmetic, against random addresses.
TEST(Address, NoRandomV4AddressOfAPrivateNetworkIsGlobal) {
  std::mt19937 random(1);  // NOLINT: the same addresses in every run
  for (int i = 0; i < 200'000; ++i) {
    const auto bits = static_cast<std::uint32_t>(random());
    const auto within = [&](std::uint32_t network, unsigned prefix) {
      return bits >> (32 - prefix) == network >> (32 - prefix);
    };
    const bool inner = within(0x0A000000, 8) || within(0x7F000000, 8) || within(0xAC100000, 12) ||
                       within(0xC0A80000, 16) || within(0xA9FE0000, 16) || within(0x64400000, 10) ||
                       within(0xE0000000, 3) || within(0x00000000, 8);
    IpAddress mapped;
    mapped.bytes[10] = mapped.bytes[11] = 0xFF;
    IpAddress compatible;
    IpAddress sixtofour;
    sixtofour.bytes[0] = 0x20;
    sixtofour.bytes[1] = 0x02;
    IpAddress nat64;
    nat64.bytes[1] = 0x64;
    nat64.bytes[2] = 0xFF;
    nat64.bytes[3] = 0x9B;
    for (unsigned byte = 0; byte < 4; ++byte) {
      const auto value = static_cast<std::uint8_t>(bits >> (24 - 8 * byte));
      mapped.bytes[12 + byte] = compatible.bytes[12 + byte] = nat64.bytes[12 + byte] = value;
      sixtofour.bytes[2 + byte] = value;
    }
    sixtofour.bytes[15] = static_cast<std::uint8_t>(random());
    const AddressKind kind = kind_of(mapped);
    ASSERT_TRUE(!inner || kind != AddressKind::global) << to_text(mapped);
    ASSERT_EQ(kind_of(nat64), kind) << to_text(nat64);
    ASSERT_EQ(kind_of(sixtofour), kind) << to_text(sixtofour);
    ASSERT_TRUE(bits <= 1 || kind_of(compatible) == kind) << to_text(compatible);
    const auto again = parse_address(to_text(mapped));
    ASSERT_TRUE(again);
    ASSERT_EQ(*again, mapped);
  }
}

TEST(Address, NoRandomTextOrNetworkGoesOutOfBounds) {
  std::mt19937 random(2);  // NOLINT: the same texts in every run
  constexpr std::string_view kAlphabet("0123456789abcdef:./:[]%x \0", 26);
  for (int i = 0; i < 100'000; ++i) {
    std::string text;
    for (std::size_t length = random() % 50; length > 0; --length)
      text += kAlphabet[random() % kAlphabet.size()];
    const auto network = parse_network(text);
    if (!network) continue;
    ASSERT_LE(network->bits, 128U);
    ASSERT_TRUE(network->contains(network->first)) << text;
    ASSERT_NE(to_text(kind_of(network->first)), "an unknown address");
  }
}

TEST(Address, IsWrittenInOneWayAlone) {
  for (const char* text :
       {"", "1", "127.1", "0x7f.0.0.1", "127.0.0.01", "127.0.0.256", "127.0.0.1 ", " 127.0.0.1", "[::1]",
        "::1%lo", "::g", "1:2:3:4:5:6:7:8:9", "127.0.0.1/8", "localhost"})
    EXPECT_FALSE(parse_address(text)) << text;
  EXPECT_FALSE(parse_address(std::string_view("127.0.0.1\0", 10)));
  EXPECT_EQ(to_text(read_ip("::ffff:127.0.0.1")), "127.0.0.1");
  EXPECT_EQ(to_text(read_ip("2001:DB8:0:0::1")), "2001:db8::1");
}

TEST(Address, ComesFromTheKernelsOwnForm) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_addr.s_addr = htonl(0x7F000001);
  const auto* any = reinterpret_cast<const sockaddr*>(&v4);
  EXPECT_EQ(address_of(any, sizeof(v4)), read_ip("127.0.0.1"));
  EXPECT_FALSE(address_of(any, sizeof(v4) - 1));
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_addr = in6addr_loopback;
  any = reinterpret_cast<const sockaddr*>(&v6);
  EXPECT_EQ(address_of(any, sizeof(v6)), read_ip("::1"));
  EXPECT_FALSE(address_of(any, sizeof(v6) - 1));
  v6.sin6_family = AF_UNIX;
  EXPECT_FALSE(address_of(any, sizeof(v6)));
  EXPECT_FALSE(address_of(any, 0));
}

TEST(Network, HoldsWhatSharesItsFirstBits) {
  const auto holds = [](const char* network, const char* address) {
    const auto parsed = parse_network(network);
    EXPECT_TRUE(parsed) << network;
    return parsed && parsed->contains(read_ip(address));
  };
  EXPECT_TRUE(holds("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(holds("10.0.0.0/8", "11.0.0.0"));
  EXPECT_TRUE(holds("172.16.0.0/12", "172.31.255.255"));
  EXPECT_FALSE(holds("172.16.0.0/12", "172.32.0.0"));
  EXPECT_TRUE(holds("127.0.0.1", "127.0.0.1"));
  EXPECT_TRUE(holds("127.0.0.1", "::ffff:127.0.0.1"));
  EXPECT_FALSE(holds("127.0.0.1", "127.0.0.2"));
  EXPECT_FALSE(holds("127.0.0.1", "64:ff9b::127.0.0.1"));
  EXPECT_TRUE(holds("fd00::/8", "fdff::1"));
  EXPECT_FALSE(holds("fd00::/8", "fe00::1"));
  EXPECT_TRUE(holds("0.0.0.0/0", "203.0.113.7"));
  EXPECT_FALSE(holds("0.0.0.0/0", "::1"));
  EXPECT_TRUE(holds("::/0", "::1"));
  EXPECT_FALSE(holds("::/0", "127.0.0.1"));
  EXPECT_TRUE(holds("::ffff:10.0.0.0/104", "10.0.0.1"));
}

TEST(Network, IsRefusedWhereItIsASlipOfThePen) {
  for (const char* text :
       {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/ 8", "10.0.0.1/8", "/8", "10/8",
        "fd00::/129", "fd00::1/8", "10.0.0.0/8/8", "example/8"})
    EXPECT_FALSE(parse_network(text)) << text;
}

}  // namespace
}  // namespace sightline::outgoing
