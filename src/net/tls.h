#pragma once
// Certificates: given ones, or one made here for oneself.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace sightline::net {

struct TlsIdentity {
  std::string certificate_pem;  ///< the server's own first, then the chain
  std::string key_pem;
};

/// A certificate that signs itself, valid from now for a year, for these host names and numeric addresses
/// (ECDSA P-256). Clients must be configured to trust it.
[[nodiscard]] Result<TlsIdentity> make_self_signed(const std::vector<std::string>& names, Instant now);

/// Checks that certificate and key can be read and belong together. Errors: invalid_argument.
[[nodiscard]] Result<void> check_identity(const TlsIdentity& identity);

}  // namespace sightline::net
