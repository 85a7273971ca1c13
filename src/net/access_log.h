#pragma once
// One line for each request.

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "base/clock.h"

namespace sightline::net {

/// Never holds the query (presigned URLs carry signatures there), header fields or bodies.
struct AccessRecord {
  Instant time;  ///< when the request began
  std::string id;
  std::string peer;
  std::string method;
  std::string path;
  std::string operation;        ///< the Decision's; empty when the head was refused
  std::string note;             ///< the Response's
  int status = 0;               ///< 499: the client went away, or was too slow, before the answer
  std::uint64_t bytes_in = 0;   ///< of the body as sent, framing included
  std::uint64_t bytes_out = 0;  ///< head and body
  std::chrono::microseconds took{};
};

/// Called on an I/O thread after the last byte; must not block. Thread-safe where there are several threads.
using AccessSink = std::function<void(const AccessRecord&)>;

/// One line without its end. What came from outside is escaped.
[[nodiscard]] std::string to_text(const AccessRecord& record);
[[nodiscard]] std::string to_json(const AccessRecord& record);

}  // namespace sightline::net
