#pragma once
// What a signature is verified with.

#include <optional>
#include <string>

#include "base/clock.h"
#include "cloud/identity/principal.h"

namespace sightline::identity {

struct Credential {
  std::string access_key_id;
  std::string secret;
  std::optional<std::string> session_token;  ///< that a request must carry beside the signature
  std::optional<Instant> expires;
  bool active = true;
  Principal principal;
};

}  // namespace sightline::identity
