#include "app/server/web_address.h"

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/utf8.h"
#include "base/whole_number.h"
#include "net/outgoing/address.h"
#include "net/outgoing/destinations.h"

namespace sightline::server {
namespace {

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

std::uint16_t usual_port(bool tls) {
  return tls ? kHttpsPort : kHttpPort;
}

/// A number in brackets or with a colon is an IPv6 address and nothing else.
bool is_host(std::string_view text, bool bracketed) {
  const auto address = outgoing::parse_address(text);
  if (bracketed || text.find(':') != std::string_view::npos) {
    return bracketed && address && text.find(':') != std::string_view::npos;
  }
  if (address) return true;
  // A name ends in no number (RFC 1123, 2.1): "10.0.0.256" is a slip of the pen.
  const std::string_view last = text.substr(text.rfind('.') + 1);
  return outgoing::is_host_name(text) && last.find_first_not_of("0123456789") != std::string_view::npos;
}

}  // namespace

Result<WebAddress> parse_web_address(std::string_view flag, std::string_view text) {
  const auto refuse = [&] {
    return fail(
        ErrorKind::invalid_argument,
        fmt::format("{} '{}' is no address like https://apps.example or http://127.0.0.1:4568: a scheme, "
                    "a host and perhaps a port, nothing after them",
                    flag, printable(text)));
  };
  WebAddress address;
  std::string_view rest = text;
  const std::string scheme = to_lower(rest.substr(0, rest.find("://")));
  if (scheme.size() == rest.size() || (scheme != "http" && scheme != "https")) return refuse();
  address.tls = scheme == "https";
  rest.remove_prefix(scheme.size() + 3);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  const bool bracketed = rest.starts_with('[');
  const std::size_t end = bracketed ? rest.find(']') : rest.find(':');
  if (bracketed && end == std::string_view::npos) return refuse();
  address.host = to_lower(bracketed ? rest.substr(1, end - 1) : rest.substr(0, end));
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + (bracketed ? 1 : 0));
  if (!is_host(address.host, bracketed)) return refuse();
  if (rest.empty()) {
    address.port = usual_port(address.tls);
    return address;
  }
  const auto port = rest.starts_with(':') ? parse_whole<std::uint16_t>(rest.substr(1)) : std::nullopt;
  if (!port || *port == 0) return refuse();
  address.port = *port;
  return address;
}

std::string to_string(const WebAddress& address) {
  const bool six = address.host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}{}", address.tls ? "https" : "http", six ? "[" : "", address.host,
                     six ? "]" : "",
                     address.port == usual_port(address.tls) ? "" : fmt::format(":{}", address.port));
}

Result<void> check_host(std::string_view flag, std::string_view text) {
  const std::string_view name = text.starts_with("*.") ? text.substr(2) : text;
  const bool numeric = outgoing::parse_address(name).has_value();
  if (numeric ? name == text : is_host(name, false)) return {};
  return fail(ErrorKind::invalid_argument,
              fmt::format("{} '{}' is no host name or address: use one as eyes.example, *.eyes.example or "
                          "192.0.2.7, without a scheme and a port",
                          flag, printable(text)));
}

}  // namespace sightline::server
