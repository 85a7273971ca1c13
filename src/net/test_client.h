#pragma once
// For this module's tests: a client that sends exactly the bytes it is given, and a server around handlers.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>

#include "net/server.h"

namespace sightline::net::test {

/// Blocking, over loopback.
class Client {
 public:
  explicit Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }
  Client(Client&& other) noexcept : fd_(std::exchange(other.fd_, -1)), unread_(std::move(other.unread_)) {}
  Client& operator=(Client&&) = delete;
  ~Client() { close(); }

  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  [[nodiscard]] int fd() const { return fd_; }

  /// False when the server has closed.
  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  /// One more piece into the buffer; false at the end, or when nothing came for `patience`.
  bool receive(std::chrono::milliseconds patience = std::chrono::seconds(30)) {
    pollfd wait{fd_, POLLIN, 0};
    if (::poll(&wait, 1, static_cast<int>(patience.count())) != 1) return false;
    char buffer[65536];
    const ssize_t n = ::recv(fd_, buffer, sizeof(buffer), 0);
    if (n <= 0) return false;
    unread_.append(buffer, static_cast<std::size_t>(n));
    return true;
  }

  /// Up to and with `end`; what came without it when there is no more.
  std::string read_to(std::string_view end) {
    std::size_t found = 0;
    while ((found = unread_.find(end)) == std::string::npos) {
      if (!receive()) return std::exchange(unread_, {});
    }
    std::string out = unread_.substr(0, found + end.size());
    unread_.erase(0, found + end.size());
    return out;
  }

  std::string read(std::size_t bytes) {
    while (unread_.size() < bytes && receive()) {
    }
    std::string out = unread_.substr(0, bytes);
    unread_.erase(0, out.size());
    return out;
  }

  /// All until the server closes.
  std::string read_all() {
    while (receive()) {
    }
    return std::exchange(unread_, {});
  }

  /// True when the server closes without another word.
  bool closed() { return unread_.empty() && !receive() && ::recv(fd_, nullptr, 0, 0) == 0; }

  struct Answer {
    int status = 0;
    std::string head;
    std::string body;
  };
  /// A response with a Content-Length. `bodiless`: to HEAD.
  Answer answer(bool bodiless = false) {
    Answer out;
    out.head = read_to("\r\n\r\n");
    if (out.head.size() > 12) out.status = std::atoi(out.head.c_str() + 9);
    const auto length = out.head.find("Content-Length: ");
    if (length != std::string::npos && !bodiless)
      out.body = read(std::strtoul(out.head.c_str() + length + 16, nullptr, 10));
    return out;
  }

 private:
  int fd_;
  std::string unread_;
};

/// A server on a free port, with a pool for its handlers.
class TestServer {
 public:
  explicit TestServer(Decide decide, ServerLimits limits = {}, std::optional<TlsIdentity> tls = {},
                      AccessSink log = {}) {
    ServerOptions options;
    ListenerOptions listener;
    listener.decide = std::move(decide);
    listener.tls = std::move(tls);
    options.listeners.push_back(std::move(listener));
    options.limits = limits;
    options.access_log = std::move(log);
    auto started = Server::start(std::move(options), clock_, random_);
    EXPECT_TRUE(started) << started.error().message;
    server_ = std::move(*started);
  }

  Server& operator*() { return *server_; }
  Server* operator->() { return server_.get(); }
  [[nodiscard]] Client client() const { return Client(server_->port()); }

 private:
  SystemClock clock_;
  SystemRandom random_;
  std::unique_ptr<Server> server_;
};

template <typename Condition>
bool eventually(Condition condition, std::chrono::milliseconds patience = std::chrono::seconds(10)) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    ::usleep(2000);
  }
  return true;
}

inline Response text(std::string body, int status = 200) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

}  // namespace sightline::net::test
