#pragma once
// A request and an answer as the codecs see them: a head, and a body that is in memory or passes elsewhere.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "net/headers.h"

namespace sightline::aws::wire {

// Fields as the server hands them on: in the order they came, duplicates kept.
using net::Header;
using net::Headers;

/// The target is as it stood in the request line: undecoded path, and the query after its question mark.
struct HttpRequest {
  std::string method;
  std::string target;
  Headers headers;
  std::span<const std::uint8_t> body = {};

  [[nodiscard]] std::string_view path() const;
  [[nodiscard]] std::string_view query() const;
  [[nodiscard]] std::string_view body_text() const {
    return {reinterpret_cast<const char*>(body.data()), body.size()};
  }
};

struct HttpResponse {
  int status = 200;
  Headers headers;
  std::string body;
};

}  // namespace sightline::aws::wire
