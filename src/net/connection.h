#pragma once
// One client's connection: requests in, decisions, responses out. All of it on the thread of its loop.

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/body_decoder.h"
#include "net/channel.h"
#include "net/crowd.h"
#include "net/event_loop.h"
#include "net/progress.h"
#include "net/server.h"
#include "net/stream_bridge.h"

namespace sightline::net {

/// ServerCounters as they are counted.
struct LiveCounters {
  std::atomic<std::uint64_t> connections_accepted, connections_refused, connections_open, requests, parked,
      malformed, too_slow, overloaded, over_share, client_gone, bytes_in, bytes_out;
  std::atomic<std::uint64_t> responses[6];
};

/// What the connections of one server share; outlives them.
struct ServerContext {
  ServerLimits limits;
  AccessSink access_log;
  const Clock& clock;
  Random& random;
  LiveCounters counters;
  /// Shared with its guests.
  const std::shared_ptr<Crowd> crowd =
      std::make_shared<Crowd>(CrowdLimits{limits.connections, limits.transfers, limits.buffered_bytes});
};

struct ConnectionOrigin {
  const ListenerOptions* listener = nullptr;
  std::string peer;
  bool loopback = false;
  std::unique_ptr<Crowd::Guest> guest;  ///< its part of what clients share
};

class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  /// `gone` is called once, when the connection is of no use any more.
  Connection(ServerContext& context, std::shared_ptr<EventLoop> loop, ConnectionOrigin origin,
             std::unique_ptr<Socket> socket, std::unique_ptr<Channel> channel,
             std::function<void(Connection&)> gone);
  ~Connection();

  void start();
  void tick(Ticks::time_point now);
  /// Ends when the request under way is answered; reports it, when it is parked.
  void drain();
  void cut();

 private:
  enum class Phase {
    head,        ///< between requests, or within a head
    collecting,  ///< a body for a unary or parked handler
    working,     ///< a unary handler on its pool
    parked,
    streaming,
    responding,  ///< all of the response is in out_
    discarding,  ///< the rest of a small body that nobody wants
    lingering,   ///< nothing more is sent; what comes is dropped, so that the client sees the response
    closed,
  };
  using Step = std::move_only_function<void(Connection&)>;
  /// From any thread: takes the step on the loop, unless the request it is for is over or out of that phase.
  using WayBack = std::function<void(Step)>;
  [[nodiscard]] WayBack way_back(Phase phase);

  struct Current;  // the request under way
  class ParkedExchange;

  // Bytes (connection.cpp).
  void go_on();  ///< reads, writes and waits as the phase wants
  void read_some();
  void flush();
  void wait_as_needed();
  [[nodiscard]] bool wants_bytes();
  [[nodiscard]] std::size_t count_held();
  [[nodiscard]] bool count_memory();
  void advance();
  [[nodiscard]] bool step();
  void set_phase(Phase phase);
  void restart_limit(Ticks::time_point now) { progress_.restart(now, moved_); }
  void client_left();
  void too_slow();
  void linger();
  void close();
  [[nodiscard]] std::string_view unread() const { return std::string_view(in_).substr(in_begin_); }
  void consume(std::size_t bytes);

  // Requests (connection_requests.cpp).
  [[nodiscard]] bool step_head();
  [[nodiscard]] bool step_body();
  void begin_request(RequestHead head);
  void take(Response& answer);
  void take(Unary& unary);
  void take(Streaming& streaming);
  void take(Parked& parked);
  [[nodiscard]] bool accepts_length(std::uint64_t max_body);
  [[nodiscard]] bool takes_place();
  void ask_for_body();
  void body_failed(Failure failure, const Error& error);
  void run_collected();
  void run_unary(Unary& unary);
  void run_parked(Parked& parked);
  void pump_stream();
  void refuse(Failure failure, std::string_view detail);
  void respond(Response response);
  void queue_head(Response& response, BodyLength length);
  void end_request();
  void log(int status);

  ServerContext& context_;
  // Shared: replies and streams may outlive the server, and post into a loop that has stopped.
  const std::shared_ptr<EventLoop> loop_;
  const ConnectionOrigin origin_;
  std::unique_ptr<Socket> socket_;
  std::unique_ptr<Channel> channel_;  ///< works on the socket's descriptor
  std::function<void(Connection&)> gone_;

  Phase phase_ = Phase::head;
  bool advancing_ = false;
  bool draining_ = false;
  bool waits_readable_ = false;
  bool waits_writable_ = false;
  bool write_blocked_ = false;
  bool served_ = false;  ///< a request, at least
  std::string in_;
  std::size_t in_begin_ = 0;
  std::vector<std::string> out_;
  std::size_t out_begin_ = 0;  ///< of out_.front(): what is sent
  Progress progress_;          ///< in the span that a time limit is for
  std::uint64_t moved_ = 0;    ///< bytes in either direction, ever
  std::uint64_t serial_ = 0;   ///< of the request: answers to an earlier one are dropped
  std::unique_ptr<Current> current_;
};

}  // namespace sightline::net
