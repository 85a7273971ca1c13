#include "net/origin_check.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/ascii.h"

namespace sightline::net {
namespace {

/// Without port, brackets and the root's dot.
std::string host_name(std::string_view host) {
  if (host.starts_with('[')) return to_lower(host.substr(1, host.find(']') - 1));
  host = host.substr(0, host.find(':'));
  if (host.ends_with('.')) host.remove_suffix(1);
  return to_lower(host);
}

/// Below a name: "bucket.localhost" for "localhost".
bool is_or_is_below(std::string_view host, std::string_view name) {
  if (!host.ends_with(name)) return false;
  host.remove_suffix(name.size());
  return host.empty() || (host.size() > 1 && host.ends_with('.'));
}

/// Some SDKs glue an operation's prefix to the address: "sync-127.0.0.1".
std::string_view without_operation_prefix(std::string_view host) {
  for (const std::string_view prefix : {"sync-", "stream-"})
    if (host.starts_with(prefix)) return host.substr(prefix.size());
  return host;
}

bool is_loopback(const std::string& host) {
  if (is_or_is_below(host, "localhost")) return true;
  const std::string address(without_operation_prefix(host));
  in_addr four{};
  if (::inet_pton(AF_INET, address.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24) == 127;
  in6_addr six{};
  return ::inet_pton(AF_INET6, address.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six) != 0;
}

bool allowed_host(const std::string& host, const OriginPolicy& policy) {
  if (policy.any_host || is_loopback(host)) return true;
  return std::ranges::any_of(policy.hosts, [&](const std::string& listed) {
    const std::string name = to_lower(listed);
    if (name.starts_with("*.")) return host != name.substr(2) && is_or_is_below(host, name.substr(2));
    return host == name;
  });
}

}  // namespace

std::string allowed_origin(const RequestHead& head, const OriginPolicy& policy) {
  const auto origin = head.headers.find("Origin");
  if (!origin || head.headers.count("Origin") != 1) return {};
  const bool listed = std::ranges::any_of(
      policy.origins, [&](const std::string& own) { return equals_ignoring_case(own, *origin); });
  return listed ? std::string(*origin) : std::string();
}

std::optional<std::string> refuse_origin(const RequestHead& head, const OriginPolicy& policy,
                                         OriginExemption exemption) {
  // Host first: it is what a rebound name cannot hide, and no exemption covers it. HTTP/1.0 clients that send
  // none are no browsers.
  if (!head.host.empty() && !allowed_host(host_name(head.host), policy))
    return fmt::format(
        "the server is not known as '{}'; use its address, or add the name to the allowed hosts",
        head.host.substr(0, 100));
  if (exemption == OriginExemption::cross_site) return std::nullopt;
  if (const auto origin = head.headers.find("Origin")) {
    if (allowed_origin(head, policy).empty())
      return fmt::format("pages of '{}' may not call this server; --allow-origin lets them",
                         origin->substr(0, 100));
    return std::nullopt;
  }
  const auto site = head.headers.find("Sec-Fetch-Site");
  if (site && *site != "none" && *site != "same-origin")
    return "pages of other sites may not call this server";
  return std::nullopt;
}

}  // namespace sightline::net
