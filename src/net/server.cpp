#include "net/server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>
#include <unordered_map>

#include "base/descriptor.h"
#include "base/mutex.h"
#include "net/connection.h"

namespace sightline::net {
namespace {

/// A numeric address as the kernel wants it.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);

  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] int family() const { return storage.ss_family; }
  [[nodiscard]] const sockaddr_in& four() const { return reinterpret_cast<const sockaddr_in&>(storage); }
  [[nodiscard]] const sockaddr_in6& six() const { return reinterpret_cast<const sockaddr_in6&>(storage); }
  [[nodiscard]] std::uint16_t port() const {
    return ntohs(family() == AF_INET6 ? six().sin6_port : four().sin_port);
  }
  [[nodiscard]] bool loopback() const {
    if (family() == AF_INET6) return IN6_IS_ADDR_LOOPBACK(&six().sin6_addr) != 0;
    return (ntohl(four().sin_addr.s_addr) >> 24) == 127;
  }
  /// What counts as one peer: whoever has an IPv6 address has 2^64 of them.
  [[nodiscard]] std::string peer() const {
    if (family() != AF_INET6 || IN6_IS_ADDR_V4MAPPED(&six().sin6_addr) != 0) return text();
    SocketAddress network = *this;
    auto& address = reinterpret_cast<sockaddr_in6&>(network.storage).sin6_addr;
    std::fill(std::begin(address.s6_addr) + 8, std::end(address.s6_addr), std::uint8_t{0});
    return network.text();
  }
  [[nodiscard]] std::string text() const {
    char out[INET6_ADDRSTRLEN] = "";
    const void* address = family() == AF_INET6 ? static_cast<const void*>(&six().sin6_addr)
                                               : static_cast<const void*>(&four().sin_addr);
    return ::inet_ntop(family(), address, out, sizeof(out)) == nullptr ? "unknown" : out;
  }
};

Result<SocketAddress> parse_address(const std::string& text, std::uint16_t port) {
  SocketAddress address;
  auto& four = reinterpret_cast<sockaddr_in&>(address.storage);
  if (::inet_pton(AF_INET, text.c_str(), &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    address.size = sizeof(sockaddr_in);
    return address;
  }
  auto& six = reinterpret_cast<sockaddr_in6&>(address.storage);
  if (::inet_pton(AF_INET6, text.c_str(), &six.sin6_addr) == 1) {
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    address.size = sizeof(sockaddr_in6);
    return address;
  }
  return fail(ErrorKind::invalid_argument,
              fmt::format("'{}' is no numeric address to listen on; 127.0.0.1 and ::1 are", text));
}

Result<int> listen_on(const std::string& text, std::uint16_t port, const std::string& remedy) {
  SocketAddress address = TRY(parse_address(text, port));
  Descriptor fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (address.family() == AF_INET6) ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
  constexpr int kBacklog = 4096;
  if (::bind(fd.get(), address.get(), address.size) != 0 || ::listen(fd.get(), kBacklog) != 0)
    return fail(ErrorKind::unavailable,
                fmt::format("cannot listen on {} port {}: {}; {}", text, port, std::strerror(errno), remedy));
  return fd.release();
}

std::uint16_t port_of(int fd) {
  SocketAddress address;
  ::getsockname(fd, address.get(), &address.size);
  return address.port();
}

/// One I/O thread and its connections, which only that thread touches.
struct IoThread {
  std::shared_ptr<EventLoop> loop = EventLoop::create();  // shared with connections and replies
  std::unordered_map<Connection*, std::shared_ptr<Connection>> connections;
  bool draining = false;
  std::jthread thread;

  /// They may leave the map while they are visited.
  template <typename Visit>
  void for_each(Visit visit) {
    std::vector<std::shared_ptr<Connection>> now;
    now.reserve(connections.size());
    for (const auto& [raw, connection] : connections) now.push_back(connection);
    for (const auto& connection : now) visit(*connection);
  }
};

struct Listener {
  ListenerOptions options;
  std::unique_ptr<TlsContext> tls;
  std::unique_ptr<Socket> socket;
  std::uint16_t port = 0;
  bool waiting = false;
};

class HttpServer final : public Server {
 public:
  HttpServer(ServerOptions options, const Clock& clock, Random& random)
      : context_{.limits = options.limits,
                 .access_log = std::move(options.access_log),
                 .clock = clock,
                 .random = random,
                 .counters = {}} {
    for (std::size_t i = 0; i < std::max<std::size_t>(1, options.io_threads); ++i)
      threads_.push_back(std::make_unique<IoThread>());
  }
  ~HttpServer() override { stop(std::chrono::milliseconds(0)); }

  Result<void> listen(std::vector<ListenerOptions> options) {
    for (ListenerOptions& one : options) {
      auto listener = std::make_unique<Listener>();
      if (one.tls) listener->tls = TRY(TlsContext::create(*one.tls));
      const int fd = TRY(listen_on(one.address, one.port, one.remedy));
      listener->socket = threads_.front()->loop->adopt(fd);
      listener->port = port_of(fd);
      listener->options = std::move(one);
      listeners_.push_back(std::move(listener));
    }
    return {};
  }

  void run() {
    const auto& limits = context_.limits;
    const auto shortest = std::min({limits.head_timeout, limits.idle_timeout, limits.progress_timeout});
    const auto interval =
        std::clamp(shortest / 4, std::chrono::milliseconds(20), std::chrono::milliseconds(1000));
    for (const auto& thread : threads_) {
      thread->loop->every(interval, [this, io = thread.get()] { tick(*io); });
      thread->thread = std::jthread([io = thread.get()] {
        // OpenSSL writes to sockets whose peer may be gone.
        sigset_t pipe;
        ::sigemptyset(&pipe);
        ::sigaddset(&pipe, SIGPIPE);
        ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
        io->loop->run();
      });
      ::pthread_setname_np(thread->thread.native_handle(), "net");
    }
    threads_.front()->loop->post([this] {
      for (const auto& listener : listeners_) wait_for_clients(*listener);
    });
  }

  std::uint16_t port(std::size_t listener) const override { return listeners_.at(listener)->port; }

  ServerCounters counters() const override {
    const LiveCounters& live = context_.counters;
    ServerCounters out{
        .connections_accepted = live.connections_accepted,
        .connections_refused = live.connections_refused,
        .connections_open = live.connections_open,
        .requests = live.requests,
        .parked = live.parked,
        .malformed = live.malformed,
        .too_slow = live.too_slow,
        .overloaded = live.overloaded,
        .over_share = live.over_share,
        .transfers = context_.crowd->transfers(),
        .transfers_limit = context_.crowd->transfers_limit(),
        .buffered_bytes = context_.crowd->buffered_bytes(),
        .buffered_bytes_limit = context_.crowd->buffered_bytes_limit(),
        .least_speed = static_cast<double>(context_.crowd->floor(context_.limits.progress_bytes)) /
                       std::chrono::duration<double>(context_.limits.progress_timeout).count(),
        .client_gone = live.client_gone,
        .bytes_in = live.bytes_in,
        .bytes_out = live.bytes_out,
        .responses = {}};
    std::ranges::copy(live.responses, out.responses);
    return out;
  }

  void stop(std::chrono::milliseconds grace) override {
    const MutexLock once(stop_mutex_);
    if (std::exchange(stopped_, true)) return;
    threads_.front()->loop->post([this] {
      for (const auto& listener : listeners_) listener->socket.reset();
    });
    for (const auto& io : threads_) {
      io->loop->post([io = io.get()] {
        io->draining = true;
        io->for_each([](Connection& connection) { connection.drain(); });
      });
    }
    {
      MutexLock lock(open_mutex_);
      const auto until = Ticks::now() + grace;
      while (context_.counters.connections_open > 0 && all_closed_.wait_until(lock, until)) {
      }
    }
    for (const auto& io : threads_) {
      io->loop->post([io = io.get()] {
        io->for_each([](Connection& connection) { connection.cut(); });
        io->loop->stop();
      });
    }
    for (const auto& io : threads_)
      if (io->thread.joinable()) io->thread.join();
  }

 private:
  void tick(IoThread& io) {
    const auto now = Ticks::now();
    io.for_each([now](Connection& connection) { connection.tick(now); });
    if (&io != threads_.front().get()) return;
    // A listener that found no descriptor free tries again.
    for (const auto& listener : listeners_) wait_for_clients(*listener);
  }

  void wait_for_clients(Listener& listener) {
    if (listener.socket == nullptr || std::exchange(listener.waiting, true)) return;
    listener.socket->when_readable([this, &listener] {
      listener.waiting = false;
      if (accept_some(listener)) wait_for_clients(listener);
    });
  }

  /// False when no descriptor is free: the tick tries again.
  bool accept_some(Listener& listener) {
    constexpr int kAtOnce = 64;
    for (int i = 0; i < kAtOnce && listener.socket != nullptr; ++i) {
      SocketAddress peer;
      Descriptor fd(::accept4(listener.socket->fd(), peer.get(), &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (fd.get() < 0) return errno != EMFILE && errno != ENFILE && errno != ENOMEM && errno != ENOBUFS;
      auto guest = context_.crowd->enter(peer.peer());
      if (guest == nullptr) {
        ++context_.counters.connections_refused;
        continue;
      }
      ++context_.counters.connections_accepted;
      ++context_.counters.connections_open;
      const int on = 1;
      ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
      IoThread& io = *threads_[next_thread_++ % threads_.size()];
      ConnectionOrigin origin{&listener.options, peer.text(), peer.loopback(), std::move(guest)};
      auto task = [this, &io, &listener, origin = std::move(origin), accepted = std::move(fd)]() mutable {
        open(io, listener, std::move(origin), accepted.release());
      };
      io.loop->post(std::move(task));
    }
    return true;
  }

  void open(IoThread& io, Listener& listener, ConnectionOrigin origin, int fd) {
    auto socket = io.loop->adopt(fd);
    auto channel = listener.tls != nullptr ? listener.tls->make_channel(fd) : make_plain_channel(fd);
    if (channel == nullptr || io.draining) {
      closed();
      return;
    }
    const auto gone = [this, &io](Connection& connection) {
      io.connections.erase(&connection);
      closed();
    };
    const auto connection = std::make_shared<Connection>(context_, io.loop, std::move(origin),
                                                         std::move(socket), std::move(channel), gone);
    io.connections.emplace(connection.get(), connection);
    connection->start();
  }

  void closed() {
    const MutexLock lock(open_mutex_);
    if (--context_.counters.connections_open == 0) all_closed_.notify_all();
  }

  ServerContext context_;
  std::vector<std::unique_ptr<IoThread>> threads_;
  // As many as at the start; the sockets in them belong to the first thread's loop.
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::size_t next_thread_ = 0;
  Mutex stop_mutex_;
  bool stopped_ SIGHTLINE_GUARDED_BY(stop_mutex_) = false;
  Mutex open_mutex_;
  Condition all_closed_;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, const Clock& clock, Random& random) {
  auto listeners = std::move(options.listeners);
  auto server = std::make_unique<HttpServer>(std::move(options), clock, random);
  TRY(server->listen(std::move(listeners)));
  server->run();
  return server;
}

}  // namespace sightline::net
