#pragma once
// What a handler knows of a call besides its request.

#include <string>

#include "base/clock.h"
#include "cloud/identity/principal.h"

namespace sightline::aws::dispatch {

struct Context {
  identity::Principal caller;
  std::string issued_key;  ///< the key made here that signed the request; empty for another one in local mode
  std::string region;      ///< that the request was signed for; the server's own where it does not say
  std::string request_id;  ///< as in the answer and in every log line
  std::string endpoint;    ///< "http://127.0.0.1:4566": how the client reached the server
  Instant now;
};

}  // namespace sightline::aws::dispatch
