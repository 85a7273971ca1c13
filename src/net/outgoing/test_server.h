#pragma once
// A small server of a test's own: one thread, one connection after the other, plain or TLS.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "base/descriptor.h"
#include "net/tls.h"

namespace sightline::outgoing::test {

/// The server's side of a connection. A read gives up after 10 seconds.
class Peer {
 public:
  explicit Peer(int fd) : fd_(fd) {
    const timeval patience{10, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  }

  /// True where the client trusts the certificate.
  bool start_tls(const net::TlsIdentity& identity) {
    context_.reset(SSL_CTX_new(TLS_server_method()));
    const std::unique_ptr<BIO, decltype(&BIO_free)> certificates(
        BIO_new_mem_buf(identity.certificate_pem.data(), static_cast<int>(identity.certificate_pem.size())),
        &BIO_free);
    const std::unique_ptr<BIO, decltype(&BIO_free)> keys(
        BIO_new_mem_buf(identity.key_pem.data(), static_cast<int>(identity.key_pem.size())), &BIO_free);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(
        PEM_read_bio_X509(certificates.get(), nullptr, nullptr, nullptr), &X509_free);
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        PEM_read_bio_PrivateKey(keys.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
    SSL_CTX_use_certificate(context_.get(), certificate.get());
    SSL_CTX_use_PrivateKey(context_.get(), key.get());
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), fd_);
    return SSL_accept(ssl_.get()) == 1;
  }

  bool write(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto n = ssl_ != nullptr ? SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                                     : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  /// Through `end`, or what came before the client closed.
  std::string read_to(std::string_view end) {
    std::size_t found = unread_.find(end);
    while (found == std::string::npos && receive()) found = unread_.find(end);
    const std::size_t bytes = found == std::string::npos ? unread_.size() : found + end.size();
    return take(bytes);
  }
  std::string read(std::size_t bytes) {
    while (unread_.size() < bytes && receive()) {
    }
    return take(bytes);
  }
  std::string line() { return read_to("\r\n"); }

 private:
  bool receive() {
    char buffer[4096];
    const auto n = ssl_ != nullptr ? SSL_read(ssl_.get(), buffer, sizeof(buffer))
                                   : ::recv(fd_, buffer, sizeof(buffer), 0);
    if (n > 0) unread_.append(buffer, static_cast<std::size_t>(n));
    return n > 0;
  }
  std::string take(std::size_t bytes) {
    std::string out = unread_.substr(0, bytes);
    unread_.erase(0, out.size());
    return out;
  }

  int fd_;
  std::string unread_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{nullptr, &SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, &SSL_free};
};

/// Listens on 127.0.0.1, or ::1.
class LoopServer {
 public:
  explicit LoopServer(std::function<void(Peer&)> serve, int family = AF_INET)
      : listener_(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_addr = IN6ADDR_LOOPBACK_INIT;
    const bool bound = family == AF_INET
                           ? ::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&v4), sizeof(v4)) == 0
                           : ::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&v6), sizeof(v6)) == 0;
    listening_ = bound && ::listen(listener_.get(), 16) == 0;
    sockaddr_in6 own{};
    socklen_t size = sizeof(own);
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&own), &size);
    port_ = ntohs(own.sin6_port);  // where sockaddr_in has it too
    thread_ = std::jthread([this, serve = std::move(serve)](const std::stop_token& stop) {
      // OpenSSL writes to whoever is gone. Only this thread: the client must see to itself.
      sigset_t pipe;
      ::sigemptyset(&pipe);
      ::sigaddset(&pipe, SIGPIPE);
      ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
      while (!stop.stop_requested()) {
        pollfd ready{listener_.get(), POLLIN, 0};
        if (::poll(&ready, 1, 20) <= 0) continue;
        const Descriptor connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (connection.get() < 0) continue;
        ++connections_;
        Peer peer(connection.get());
        serve(peer);
      }
    });
  }

  [[nodiscard]] bool listening() const { return listening_; }
  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string url(std::string_view host = "127.0.0.1", std::string_view scheme = "http") const {
    return std::string(scheme)
        .append("://")
        .append(host)
        .append(":")
        .append(std::to_string(port_))
        .append("/");
  }
  /// How many were accepted so far.
  [[nodiscard]] int connections() const { return connections_; }

 private:
  Descriptor listener_;
  bool listening_ = false;
  int port_ = 0;
  std::atomic<int> connections_ = 0;
  std::jthread thread_;
};

inline std::string http_answer(std::string_view body, std::string_view headers = "") {
  return std::string("HTTP/1.1 200 OK\r\nContent-Length: ")
      .append(std::to_string(body.size()))
      .append("\r\n")
      .append(headers)
      .append("\r\n")
      .append(body);
}

}  // namespace sightline::outgoing::test
