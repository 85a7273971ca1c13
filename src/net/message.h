#pragma once
// What handlers get and give.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "net/headers.h"
#include "net/request_head.h"

namespace sightline::net {

/// A request whose body has been collected.
struct Request {
  std::shared_ptr<const RequestHead> head;  ///< shared with the connection, which logs it
  std::string body;
};

/// Content-Length, Transfer-Encoding, Connection and Date are the server's business; when given they are
/// dropped. Line breaks in names and values become spaces.
struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  /// For HEAD, whose response has no body: the length that GET's would have.
  std::optional<std::uint64_t> head_length;
  std::string note;  ///< for the access log: an error code, say
};

/// How the body of a response may be delimited: by length or in chunks.
struct BodyLength {
  std::optional<std::uint64_t> bytes;
};

/// The status line and fields of a response up to and with the empty line. `date` as in the Date field.
[[nodiscard]] std::string encode_response_head(const RequestHead& request, const Response& response,
                                               BodyLength length, bool keep_alive, std::string_view date);

/// True when responses to `method` with `status` have no body, whatever the fields say.
[[nodiscard]] bool has_no_body(std::string_view method, int status);

}  // namespace sightline::net
