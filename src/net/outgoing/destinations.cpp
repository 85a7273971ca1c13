#include "net/outgoing/destinations.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/utf8.h"

namespace sightline::outgoing {
namespace {

constexpr std::size_t kLongestHostName = 253;
constexpr std::size_t kLongestLabel = 63;

constexpr bool is_letter_or_digit(char c) {
  const char lower = to_lower(c);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9');
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kLongestLabel && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, [](char c) { return c == '-' || is_letter_or_digit(c); });
}

std::string plain_name(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  return to_lower(host);
}

}  // namespace

bool is_host_name(std::string_view text) {
  if (text.size() > kLongestHostName) return false;
  while (true) {
    const std::size_t dot = text.find('.');
    if (!is_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

Result<Destinations> Destinations::allowing(std::span<const std::string> allowed) {
  Destinations destinations;
  for (const std::string& entry : allowed) {
    if (const auto network = parse_network(entry)) {
      destinations.networks_.push_back(*network);
      continue;
    }
    std::string name = plain_name(entry);
    // A name ends in no number (RFC 1123, 2.1): "10.0.0" and "10.0.0.256" are slips of the pen.
    const std::string_view last = std::string_view(name).substr(name.rfind('.') + 1);
    if (!is_host_name(name) || std::ranges::all_of(last, [](char c) { return c >= '0' && c <= '9'; }))
      return fail(ErrorKind::invalid_argument,
                  fmt::format("'{}' is no address, network (10.0.0.0/8, its other bits 0) or host name that "
                              "outgoing connections may be allowed to",
                              printable(entry)));
    destinations.hosts_.push_back(std::move(name));
  }
  return destinations;
}

Result<void> Destinations::check(std::string_view host, const IpAddress& address) const {
  const AddressKind kind = kind_of(address);
  if (kind == AddressKind::global) return {};
  if (std::ranges::any_of(networks_, [&](const Network& network) { return network.contains(address); }))
    return {};
  if (std::ranges::find(hosts_, plain_name(host)) != hosts_.end()) return {};
  const std::string numeric = to_text(address);
  const std::string leads =
      host == numeric || host == fmt::format("[{}]", numeric)
          ? fmt::format("{} is {}", numeric, to_text(kind))
          : fmt::format("'{}' leads to {}, {}", printable(host), numeric, to_text(kind));
  return fail(ErrorKind::permission_denied,
              fmt::format("{}: outgoing connections go to public addresses and to those that the operator "
                          "allows",
                          leads));
}

}  // namespace sightline::outgoing
