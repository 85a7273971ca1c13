#pragma once
// Where outgoing connections may lead: to public addresses, and to what the operator allows besides.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/outgoing/address.h"

namespace sightline::outgoing {

/// A rule over addresses that were connected to, not over names: whatever a name is made to resolve to, and
/// however an address is written, the answer is the same. Immutable, thread-safe.
class Destinations {
 public:
  /// Only public addresses.
  Destinations() = default;

  /// Each of `allowed` is an address ("127.0.0.1"), a network ("10.0.0.0/8", "fd00::/8") or a host name
  /// ("hooks.example"), whose requests then may go wherever that very name leads. No patterns and no ports.
  /// An allowed IPv4 network does not allow IPv6 addresses that carry its addresses through a translator.
  /// Errors: invalid_argument.
  static Result<Destinations> allowing(std::span<const std::string> allowed);

  /// Whether a connection to `address`, made for a URL that names `host`, is allowed. The error names both
  /// and the rule. Errors: permission_denied.
  [[nodiscard]] Result<void> check(std::string_view host, const IpAddress& address) const;

 private:
  std::vector<Network> networks_;
  std::vector<std::string> hosts_;  // in lower case, without the dot at the end
};

/// Letters, digits and inner hyphens in labels of 1 to 63 characters, 253 in all (RFC 1123).
[[nodiscard]] bool is_host_name(std::string_view text);

}  // namespace sightline::outgoing
