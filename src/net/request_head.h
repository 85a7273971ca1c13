#pragma once
// The head of a request: request line and header fields (RFC 9112), parsed strictly.
//
// What two parsers could read in two ways is refused: that is how requests are smuggled. Line ends are CRLF
// alone, field lines are never folded, a body has one length, stated once.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/headers.h"

namespace sightline::net {

enum class HttpVersion { http_1_0, http_1_1 };

struct RequestHead {
  std::string method;  ///< as sent; methods are case-sensitive
  /// Path and query as sent (origin form), undecoded: signatures cover the bytes. "*" for OPTIONS. The
  /// absolute form is taken apart.
  std::string target;
  HttpVersion version = HttpVersion::http_1_1;
  std::string host;  ///< host and port: the absolute form's, else the Host field's; empty only in HTTP/1.0
  Headers headers;
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool expects_continue = false;
  bool keep_alive = true;

  // Set by the server.
  std::string id;         ///< of this request, in every log line about it
  std::string peer;       ///< the client's address, without the port
  bool loopback = false;  ///< the client is on this machine
  bool tls = false;

  [[nodiscard]] std::string_view path() const { return std::string_view(target).substr(0, target.find('?')); }
  /// After the '?'; empty without one.
  [[nodiscard]] std::string_view query() const;
  [[nodiscard]] bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

/// No body is declared longer: sums with it never overflow.
inline constexpr std::uint64_t kMaxBodyBytes = std::uint64_t{1} << 62U;

struct HeadLimits {
  std::size_t bytes = 32 * 1024;
  std::size_t fields = 128;
};

/// How many bytes of `input` the head takes with its empty line; nullopt when it is not whole yet. Errors:
/// corrupt, as soon as a line ends with a bare LF or a NUL is seen.
[[nodiscard]] Result<std::optional<std::size_t>> find_head_end(std::string_view input);

/// Parses a whole head. Errors: corrupt, too_large, unsupported (a transfer coding or a version that is not
/// served), invalid_argument (an expectation that cannot be met).
[[nodiscard]] Result<RequestHead> parse_request_head(std::string_view bytes, const HeadLimits& limits);

}  // namespace sightline::net
