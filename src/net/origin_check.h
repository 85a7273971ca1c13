#pragma once
// Keeps web pages away from an API that trusts whoever reaches it (docs/adr/0007-http-server.md).
//
// A browser on the developer's machine runs pages of strangers, and those can send requests to 127.0.0.1.
// What browsers cannot help saying gives them away: Origin and Sec-Fetch-Site. A page whose host name was
// rebound to 127.0.0.1 is of the same origin, but its name is in the Host field.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/request_head.h"

namespace sightline::net {

struct OriginPolicy {
  /// Host names by which the server may be called, without ports; "*.name" covers every name below. Numeric
  /// loopback addresses and "localhost" with the names below it need not be listed.
  std::vector<std::string> hosts;
  /// Pages that may call: "https://console.example:8443", as browsers write an Origin.
  std::vector<std::string> origins;
  /// Any host will do: for listeners that are meant to be reached by names unknown here.
  bool any_host = false;
};

/// What a request may be excused from.
enum class OriginExemption {
  none,
  cross_site,  ///< a signature in the URL was verified against an issued key: pages may use it
};

/// The page that sends the request, if the policy lists it: it may read the answer. Empty otherwise.
[[nodiscard]] std::string allowed_origin(const RequestHead& head, const OriginPolicy& policy);

/// Why the request is refused, as one line for its client; nullopt when it may pass.
[[nodiscard]] std::optional<std::string> refuse_origin(const RequestHead& head, const OriginPolicy& policy,
                                                       OriginExemption exemption);

}  // namespace sightline::net
