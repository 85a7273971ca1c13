#pragma once
// An HTTP/1.1 server: few I/O threads that never block, and handlers on pools (net/handler.h).
//
// Keep-alive, pipelining, chunked bodies, "Expect: 100-continue", HEAD, absolute targets, TLS; limits on
// everything that a client can make large or slow. Design: docs/adr/0007-http-server.md.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "net/access_log.h"
#include "net/handler.h"
#include "net/tls.h"

namespace sightline::net {

struct ListenerOptions {
  std::string address = "127.0.0.1";           ///< numeric, IPv4 or IPv6
  std::uint16_t port = 0;                      ///< 0: the kernel chooses
  std::string remedy = "choose another port";  ///< for the error where the address cannot be had
  std::optional<TlsIdentity> tls;
  Decide decide;
  Explain explain = explain_plainly;
};

struct ServerLimits {
  HeadLimits head;
  // Of these three a quarter is kept for peers that have little (net/crowd.h).
  std::size_t connections = 20'000;  ///< over all listeners; further ones are closed at once
  std::size_t transfers = 4096;      ///< requests whose body is coming in, or that stream; others are refused
  /// Of requests and answers in memory, over all connections. Beyond it bodies that are collected are
  /// refused; streams go on with 16 KiB each way.
  std::uint64_t buffered_bytes = std::uint64_t{512} << 20U;
  std::chrono::milliseconds head_timeout{10'000};  ///< from the first byte, or the connection's begin
  std::chrono::milliseconds idle_timeout{75'000};  ///< between requests
  /// While a body comes or a response goes, `progress_bytes` must move in each of these spans: twice as many
  /// for every eighth of `transfers` or `buffered_bytes` that is taken.
  std::chrono::milliseconds progress_timeout{20'000};
  std::size_t progress_bytes = 4 * 1024;
};

struct ServerCounters {
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0;  ///< over the limit, or over their peer's share
  std::uint64_t connections_open = 0;
  std::uint64_t requests = 0;
  std::uint64_t parked = 0;  ///< waiting for their reply now
  std::uint64_t malformed = 0;
  std::uint64_t too_slow = 0;
  std::uint64_t overloaded = 0;
  std::uint64_t over_share = 0;  ///< of those: transfers without a place, bodies without memory
  std::uint64_t transfers = 0;   ///< now
  std::uint64_t transfers_limit = 0;
  std::uint64_t buffered_bytes = 0;  ///< now
  std::uint64_t buffered_bytes_limit = 0;
  double least_speed = 0;         ///< asked of clients now, in bytes a second
  std::uint64_t client_gone = 0;  ///< before the answer was out
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t responses[6] = {};  ///< by the status's first digit
};

struct ServerOptions {
  std::vector<ListenerOptions> listeners;
  ServerLimits limits;
  std::size_t io_threads = 2;
  AccessSink access_log;  ///< may be empty
};

/// Thread-safe. Clock, Random and the pools of all handlers outlive it.
class Server {
 public:
  /// Listens at once. Errors: invalid_argument (an address), unavailable (a port in use, a certificate).
  static Result<std::unique_ptr<Server>> start(ServerOptions options, const Clock& clock, Random& random);
  virtual ~Server() = default;
  /// The port of the listener with that index.
  [[nodiscard]] virtual std::uint16_t port(std::size_t listener = 0) const = 0;
  [[nodiscard]] virtual ServerCounters counters() const = 0;
  /// Accepts nothing more, lets what is under way end for up to `grace`, tells parked requests
  /// (Cancelled::stopping), then cuts what is left. Called by the destructor with no grace.
  virtual void stop(std::chrono::milliseconds grace) = 0;
};

}  // namespace sightline::net
