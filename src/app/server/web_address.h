#pragma once
// Addresses that people write in flags: a scheme, a host, perhaps a port, and nothing else.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sightline::server {

/// "https://apps.example:8443"
struct WebAddress {
  bool tls = false;        ///< https
  std::string host;        ///< a name in lower case, or a numeric address without brackets
  std::uint16_t port = 0;  ///< 80 or 443 where the text names none
  bool operator==(const WebAddress&) const = default;
};

/// `flag` is what the text was given with, for the message. A slash at the end is taken for none. Errors:
/// invalid_argument (another scheme; a path, a query or a user; no host name or address; port 0).
[[nodiscard]] Result<WebAddress> parse_web_address(std::string_view flag, std::string_view text);
/// As browsers write an origin: the port only where it is not the scheme's own, no slash at the end.
[[nodiscard]] std::string to_string(const WebAddress& address);

/// A name that a request may have in its Host field: a host name, "*." and one, or a numeric address; without
/// a port. Errors: invalid_argument.
[[nodiscard]] Result<void> check_host(std::string_view flag, std::string_view text);

}  // namespace sightline::server
