#pragma once
// The requests that have begun and have not ended, for whoever stops the server and wants to know what it
// waits for.

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "net/request_head.h"

namespace sightline::server {

/// Thread-safe. Holds one entry for each request under way; the number of connections bounds it.
class RequestsUnderWay {
 public:
  void begin(const net::RequestHead& head, Instant now);
  /// `id` is the request's; one that did not begin here is no error.
  void end(std::string_view id);
  [[nodiscard]] std::size_t size() const;
  /// The oldest ones for a person: "PUT /bucket/key of 127.0.0.1, for 12 s; GET ..., and 3 more". Never a
  /// query, which may hold a signature. Empty when there are none.
  [[nodiscard]] std::string describe(Instant now) const;

 private:
  struct Request {
    std::string method;
    std::string path;
    std::string peer;
    Instant since;
  };
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Request> requests_;  // by id
};

}  // namespace sightline::server
