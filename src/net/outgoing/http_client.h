#pragma once
// Requests that the program makes over HTTP: the one place from which they leave.

#include <chrono>
#include <cstddef>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/outgoing/destinations.h"

namespace sightline::outgoing {

struct HttpHeader {
  std::string name;
  std::string value;
};

struct HttpRequest {
  std::string method = "GET";  ///< GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS
  /// http:// or https://, in ASCII (names of other letters as "xn--"), at most 8,192 bytes, no user or
  /// password.
  std::string url;
  /// At most 100 of 8,192 bytes each. What frames the message or speaks to proxies is the client's own: Host,
  /// Content-Length, Transfer-Encoding, Connection, Expect, Upgrade, TE, Trailer, Keep-Alive, Proxy-*.
  std::vector<HttpHeader> headers;
  std::string body;  ///< not with GET and HEAD
};

struct HttpResponse {
  int status = 0;                   ///< 200 to 599; a redirect is a response like any other
  std::vector<HttpHeader> headers;  ///< as they came, without interim responses' and trailers'
  std::string body;                 ///< as it came: nothing is decompressed
  std::string address;              ///< that was connected to
};

struct HttpLimits {
  std::chrono::milliseconds connect_patience{5'000};  ///< for the name, the connection and TLS
  std::chrono::milliseconds patience{30'000};         ///< for the whole exchange
  std::size_t max_head = 65'536;                      ///< bytes of the response's head
  std::size_t max_body = 1'048'576;                   ///< bytes of the response's body
};

struct HttpOptions {
  Destinations destinations;
  HttpLimits limits;
  std::string authorities_file;  ///< PEM; trusted in place of the system's authorities. Empty: those
  std::string user_agent = "Sightline";
};

/// HTTP/1.1. Every request has a connection of its own. Follows no redirect; heeds no proxy variable, .netrc
/// or cookie; verifies TLS (1.2 or later), chain and name. Thread-safe: one object serves all threads.
class HttpClient {
 public:
  explicit HttpClient(HttpOptions options) : options_(std::move(options)) {}

  /// Blocks until the response is there or the time is up; within a second of `stop` it returns. A response
  /// of any status is a value. Errors, none of which names the URL's path and query (they often hold
  /// secrets): invalid_argument (the request), permission_denied (Destinations; the message names the address
  /// and the rule), unavailable (no name, nobody there, TLS not trusted, too slow: worth another try),
  /// corrupt (no HTTP), too_large (the response), cancelled, internal.
  [[nodiscard]] Result<HttpResponse> send(const HttpRequest& request, std::stop_token stop = {}) const;

 private:
  HttpOptions options_;
};

}  // namespace sightline::outgoing
