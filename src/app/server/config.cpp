#include "app/server/config.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/whole_number.h"

namespace sightline::server {
namespace {

bool is_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Result<Endpoint> parse_endpoint(const std::string& text) {
  const auto refuse = [&] {
    return fail(ErrorKind::invalid_argument,
                fmt::format("invalid listen address '{}': use an address with a port, as 127.0.0.1:4566 or "
                            "[::1]:4566, or only a port, as 4566",
                            text));
  };
  const std::size_t colon = text.rfind(':');
  std::string host = colon == std::string::npos ? "127.0.0.1" : text.substr(0, colon);
  const std::string digits = colon == std::string::npos ? text : text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto port = parse_whole<std::uint16_t>(digits);
  if (!port) return refuse();
  in_addr four{};
  in6_addr six{};
  if (::inet_pton(AF_INET, host.c_str(), &four) != 1 && ::inet_pton(AF_INET6, host.c_str(), &six) != 1) {
    return refuse();
  }
  return Endpoint{std::move(host), *port};
}

std::string to_string(const Endpoint& endpoint) {
  const bool six = endpoint.address.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", six ? "[" : "", endpoint.address, six ? "]" : "", endpoint.port);
}

bool is_loopback(const Endpoint& endpoint) {
  in_addr four{};
  if (::inet_pton(AF_INET, endpoint.address.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24U) == 127;
  in6_addr six{};
  return ::inet_pton(AF_INET6, endpoint.address.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six) != 0;
}

Result<void> check(const ServeOptions& options) {
  if (options.keys == KeyPolicy::local && !is_loopback(options.listen)) {
    return fail(
        ErrorKind::invalid_argument,
        fmt::format("{} can be reached from other machines, and local mode trusts whoever reaches it: "
                    "add --enforced, make a key with `sightline keys create`, and use that",
                    to_string(options.listen)));
  }
  if (options.account.size() != 12 || !is_digits(options.account)) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("'{}' is no account; accounts are 12 digits", options.account));
  }
  for (const std::string& host : options.hosts) TRY(check_host("--host", host));
  if (options.public_url && options.public_listen.empty()) {
    return fail(
        ErrorKind::invalid_argument,
        "--public-url names the listener for browsers, which --public-listen none closes: leave one out");
  }
  if (options.certificate.empty() != options.key.empty()) {
    return fail(ErrorKind::invalid_argument,
                "--tls-certificate and --tls-key are given together or not at all");
  }
  if (options.self_signed && !options.certificate.empty()) {
    return fail(ErrorKind::invalid_argument,
                "--tls-self-signed makes a certificate; leave --tls-certificate out");
  }
  return {};
}

}  // namespace sightline::server
