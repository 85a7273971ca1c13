#pragma once
// Who calls: the key that a request names, and whether its secret made the signature.
//
// In two steps, so that nothing of a body is read for a key that may not call at all: claim() looks at the
// head, verify() at the signature, which covers the body too for all services but S3.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "aws/sigv4/presented.h"
#include "aws/sigv4/verify.h"
#include "aws/wire/http.h"
#include "aws/wire/service_error.h"
#include "base/clock.h"
#include "cloud/identity/credential.h"

namespace sightline::aws::dispatch {

enum class Mode {
  local,     ///< unknown keys from this machine act as the account's root; issued ones are verified
  enforced,  ///< issued keys alone
};

/// Of any state; must not block.
using FindCredential = std::function<std::optional<identity::Credential>(std::string_view access_key_id)>;

/// What a request says of itself, and the issued key that it names: none is an unknown one in local mode.
struct Claim {
  sigv4::Presented presented;
  std::optional<identity::Credential> credential;
  bool anonymous =
      false;  ///< for an operation that nobody signs; whatever signature there is was not looked at
};

[[nodiscard]] Claim anonymous_claim();
/// Of a service whose policies decide what the anonymous may do. Errors: the head says nothing that can be of
/// its body.
[[nodiscard]] wire::Answer<Claim> anonymous_claim(const wire::HttpRequest& request);

struct Caller {
  identity::Principal principal;
  std::string region;
  sigv4::Verified verified;
  bool issued_key = false;
};

/// Thread-safe. Clock outlives it.
class Authenticator {
 public:
  /// In local mode unknown keys act as the root user of `account`.
  Authenticator(Mode mode, std::string account, FindCredential find, const Clock& clock);

  [[nodiscard]] Mode mode() const { return mode_; }
  /// Errors: no signature, one that cannot be read, or a key that is unknown, disabled or over.
  [[nodiscard]] wire::Answer<Claim> claim(sigv4::Signature signature, const wire::Service& service,
                                          bool from_this_machine) const;
  /// `bucket` is the one that the Host header names.
  [[nodiscard]] wire::Answer<Caller> verify(const Claim& claim, const wire::HttpRequest& request,
                                            const wire::Service& service,
                                            const std::optional<std::string>& bucket) const;

 private:
  const Mode mode_;
  const std::string account_;
  const FindCredential find_;
  const Clock& clock_;
};

}  // namespace sightline::aws::dispatch
