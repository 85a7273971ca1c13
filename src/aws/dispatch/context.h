#pragma once
// What a handler knows of a call besides its request.

#include <string>

#include "base/cause.h"
#include "base/clock.h"
#include "cloud/identity/principal.h"

namespace sightline::aws::dispatch {

class Authorizer;

struct Context {
  identity::Principal caller;
  std::string issued_key;  ///< the key made here that signed the request; empty for another one in local mode
  std::string region;      ///< that the request was signed for; the server's own where it does not say
  std::string request_id;  ///< as in the answer and in every log line
  std::string endpoint;    ///< "http://127.0.0.1:4566": how the client reached the server
  Instant now;
  std::string source_ip;     ///< the client's address; empty for a call from inside
  bool secure = false;       ///< it came over TLS
  std::string user_agent;    ///< as the client says
  std::string referer;       ///< the same
  std::string trace_header;  ///< X-Amzn-Trace-Id, as the client says; empty without one
  /// What led to the call; none of a client's own. Events that it causes carry it on.
  Cause cause;
  /// Whom check_access() asks; outlives the call.
  const Authorizer* authorizer = nullptr;
};

}  // namespace sightline::aws::dispatch
