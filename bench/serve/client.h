#pragma once
// A client that costs little: requests are signed before the clock runs, and sent over one kept connection
// each.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sightline::bench {

struct Key {
  std::string id;
  std::string secret;
};

struct Target {
  std::string host;  ///< "127.0.0.1"
  std::uint16_t port = 0;
};

struct Line {
  std::string method = "POST";
  std::string path = "/";
};

/// A whole request, signed now for us-east-1. `headers` are names and values beside Host.
[[nodiscard]] std::string signed_request(const Target& target, const Key& key, std::string_view service,
                                         std::vector<std::pair<std::string, std::string>> headers,
                                         std::string_view body, const Line& line = {});

struct Timing {
  double p50_us = 0;
  double p99_us = 0;
  double per_second = 0;
  std::uint64_t failures = 0;  ///< answers that were no 200
};

/// Sends `request` over `connections` for that long, each waiting for its answer before the next.
[[nodiscard]] Timing hammer(const Target& target, const std::string& request, int connections,
                            std::chrono::milliseconds length);
/// The same, with a request for each connection.
[[nodiscard]] Timing hammer(const Target& target, const std::vector<std::string>& requests,
                            std::chrono::milliseconds length);

/// The answer as it came; empty when nobody answers.
[[nodiscard]] std::string answer_of(const Target& target, const std::string& request);

/// The time of one exchange on a connection of its own; negative when nobody answers.
[[nodiscard]] double exchange_us(const Target& target, const std::string& request);

}  // namespace sightline::bench
