// What the HTTP server costs: memory of idle and parked connections, latency and rate of small requests,
// large bodies. The clients are a process of their own (this program again), on the same cores.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <malloc.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "net/server.h"
#include "openssl_memory.h"

namespace {

using namespace sightline;
using namespace sightline::net;
using Ticks = std::chrono::steady_clock;

constexpr std::uint64_t kLarge = 5'000'000'000;
constexpr int kConnections = 10'000;

double seconds_since(Ticks::time_point begin) {
  return std::chrono::duration<double>(Ticks::now() - begin).count();
}

/// "VmRSS:" or "VmHWM:" of this process, in MB.
double memory(const std::string& what) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    double kilobytes = 0;
    if (word == what && status >> kilobytes) return kilobytes / 1000;
  }
  return 0;
}

void raise_file_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// The client process.

int connect_to(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    perror("connect");
    _exit(1);
  }
  return fd;
}

void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) _exit(1);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

std::string request(std::string_view target, std::uint64_t body = 0) {
  return fmt::format("POST {} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {}\r\n\r\n", target, body);
}

/// The answers of this benchmark are small and come in one piece.
void ask(int fd, std::string_view bytes) {
  char answer[4096];
  send_all(fd, bytes);
  if (recv(fd, answer, sizeof(answer), 0) <= 0) _exit(1);
}

/// The client keeps the socket alone: how TLS goes on there is of no interest to the server's memory.
void ask_with_tls(int fd, SSL_CTX* context, const std::string& bytes) {
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context), &SSL_free);
  char answer[4096];
  if (SSL_set_fd(ssl.get(), fd) != 1 || SSL_connect(ssl.get()) != 1 ||
      SSL_write(ssl.get(), bytes.data(), static_cast<int>(bytes.size())) <= 0 ||
      SSL_read(ssl.get(), answer, sizeof(answer)) <= 0)
    _exit(1);
}

void hold_connections(std::uint16_t port, const std::string& what) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  &SSL_CTX_free);
  for (int i = 0; i < kConnections; ++i) {
    const int fd = connect_to(port);
    if (what == "tls") {
      ask_with_tls(fd, context.get(), request("/unary"));
    } else {
      what == "park" ? send_all(fd, request("/park")) : ask(fd, request("/unary"));
    }
  }
  fmt::print("ready\n");
  std::fflush(stdout);
  pause();
}

void time_requests(std::uint16_t port, const std::string& target) {
  const int fd = connect_to(port);
  const std::string bytes = request(target);
  for (int i = 0; i < 1000; ++i) ask(fd, bytes);
  std::vector<double> took;
  for (int i = 0; i < 20'000; ++i) {
    const auto begin = Ticks::now();
    ask(fd, bytes);
    took.push_back(seconds_since(begin) * 1e6);
  }
  std::ranges::sort(took);
  fmt::print("{}: one connection: p50 {:.0f} us, p99 {:.0f} us\n", target, took[took.size() / 2],
             took[took.size() * 99 / 100]);
}

void time_rate(std::uint16_t port, const std::string& target) {
  std::atomic<std::uint64_t> done = 0;
  const auto begin = Ticks::now();
  std::vector<std::jthread> clients;
  clients.reserve(16);
  for (int i = 0; i < 16; ++i) {
    clients.emplace_back([&] {
      const int fd = connect_to(port);
      const std::string bytes = request(target);
      while (seconds_since(begin) < 3) {
        ask(fd, bytes);
        ++done;
      }
    });
  }
  clients.clear();
  fmt::print("{}: 16 connections: {:.0f}/s\n", target, static_cast<double>(done) / seconds_since(begin));
}

void time_bodies(std::uint16_t port) {
  std::vector<char> block(1 << 20, 'x');
  int fd = connect_to(port);
  auto begin = Ticks::now();
  send_all(fd, request("/stream", kLarge));
  for (std::uint64_t sent = 0; sent < kLarge; sent += block.size())
    send_all(fd,
             {block.data(), static_cast<std::size_t>(std::min<std::uint64_t>(block.size(), kLarge - sent))});
  if (recv(fd, block.data(), block.size(), 0) <= 0) _exit(1);
  fmt::print("upload of 5 GB: {:.1f} s\n", seconds_since(begin));
  close(fd);
  fd = connect_to(port);
  begin = Ticks::now();
  send_all(fd, request("/stream"));
  for (std::uint64_t got = 0; got < kLarge;) {
    const ssize_t n = recv(fd, block.data(), block.size(), 0);
    if (n <= 0) _exit(1);
    got += static_cast<std::uint64_t>(n);
  }
  fmt::print("download of 5 GB: {:.1f} s\n", seconds_since(begin));
}

int run_client(const std::string& what, std::uint16_t port) {
  raise_file_limit();
  if (what == "idle" || what == "park" || what == "tls") hold_connections(port, what);
  if (what == "small") {
    for (const char* target : {"/at-once", "/unary"}) {
      time_requests(port, target);
      time_rate(port, target);
    }
  }
  if (what == "large") time_bodies(port);
  return 0;
}

// The server process.

/// Drops a body; answers with a large one where there is none.
class Stream final : public Transfer {
 public:
  explicit Stream(bool takes) : takes_(takes) {}
  std::optional<TransferAnswer> take(std::span<const char>) override { return std::nullopt; }
  TransferAnswer end(const Error*) override {
    if (takes_) return {};
    return {{}, BodyLength{kLarge}};
  }
  Result<std::size_t> read(std::span<char> into) override {
    std::ranges::fill(into, 'x');
    return into.size();
  }

 private:
  const bool takes_;
};

/// Starts the client process and calls `ready` when it says so; returns when it has ended.
template <typename Ready>
void with_client(const char* what, std::uint16_t port, Ready ready) {
  int out[2];
  if (pipe(out) != 0) return;
  const pid_t child = fork();
  if (child == 0) {
    dup2(out[1], 1);
    execl("/proc/self/exe", "bench_net", "client", what, std::to_string(port).c_str(), nullptr);
    _exit(127);
  }
  close(out[1]);
  FILE* const lines = fdopen(out[0], "r");
  char line[256];
  while (fgets(line, sizeof(line), lines) != nullptr) {
    if (std::string_view(line) != "ready\n") {
      fmt::print("{}", line);
      continue;
    }
    ready();
    kill(child, SIGTERM);
  }
  std::fclose(lines);
  waitpid(child, nullptr, 0);
}

int run_server() {
  raise_file_limit();
  WorkerPool pool("bench", 4, 20'000);
  std::mutex mutex;
  std::vector<Reply> parked;
  ServerOptions options;
  ListenerOptions listener;
  listener.decide = [&](const RequestHead& head) -> Decision {
    if (head.target == "/at-once") return {Response{}, {}};
    if (head.target == "/stream")
      return {Streaming{&pool, kLarge, std::make_shared<Stream>(head.has_body())}, {}};
    if (head.target == "/unary") return {Unary{&pool, 1024, [](const Request&) { return Response{}; }}, {}};
    return {Parked{&pool, 1024,
                   [&](const Request&, Reply reply) {
                     const std::lock_guard lock(mutex);
                     parked.push_back(std::move(reply));
                   }},
            {}};
  };
  SystemClock clock;
  const auto identity = make_self_signed({"127.0.0.1"}, clock.now());
  if (!identity) {
    fmt::print("{}\n", identity.error().message);
    return 1;
  }
  options.listeners = {listener, listener};
  options.listeners.back().tls = *identity;
  SystemRandom random;
  const auto server = Server::start(std::move(options), clock, random);
  if (!server) {
    fmt::print("{}\n", server.error().message);
    return 1;
  }
  const std::uint16_t port = (*server)->port();
  for (const char* what : {"idle", "park", "tls"}) {
    const bool tls = std::string_view(what) == "tls";
    malloc_trim(0);  // what the last ones left
    const double before = memory("VmRSS:");
    const auto blocks = bench::openssl_blocks();
    const auto begin = Ticks::now();
    with_client(what, (*server)->port(tls ? 1 : 0), [&] {
      while ((*server)->counters().connections_open < kConnections) usleep(1000);
      const double took = seconds_since(begin);
      usleep(200'000);
      const double more = memory("VmRSS:") - before;
      fmt::print("{} {} connections: {:.1f} MB more, {:.1f} KB each; made in {:.1f} s\n", kConnections, what,
                 more, more * 1000 / kConnections, took);
      if (tls)
        fmt::print("OpenSSL's of each: {}\n",
                   bench::added_to_each(blocks, bench::openssl_blocks(), kConnections));
    });
    while ((*server)->counters().connections_open > 0) usleep(1000);
    const std::lock_guard lock(mutex);
    parked.clear();
  }
  with_client("small", port, [] {});
  const double before = memory("VmHWM:");
  with_client("large", port, [] {});
  fmt::print("peak memory during the two: {:.1f} MB more\n", memory("VmHWM:") - before);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4 && std::string_view(argv[1]) == "client")
    return run_client(argv[2], static_cast<std::uint16_t>(std::atoi(argv[3])));
  bench::count_openssl_memory();
  return run_server();
}
