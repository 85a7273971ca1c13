#include "serve/client.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <optional>
#include <thread>

#include "aws/sigv4/canonical_request.h"
#include "base/ascii.h"
#include "base/descriptor.h"
#include "base/hex.h"
#include "base/hmac.h"
#include "base/sha256.h"
#include "base/time_text.h"
#include "base/whole_number.h"

namespace sightline::bench {
namespace {

using Ticks = std::chrono::steady_clock;
namespace sigv4 = aws::sigv4;

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// 20150830T123600Z.
std::string timestamp() {
  std::string text = iso8601(SystemClock().now(), Fraction::always);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text.substr(0, 15) + "Z";
}

class Connection {
 public:
  explicit Connection(const Target& target) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(target.port);
    ::inet_pton(AF_INET, target.host.c_str(), &address.sin_addr);
    const int on = 1;
    ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    const timeval patience{5, 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    open_ = ::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }

  [[nodiscard]] bool is_open() const { return open_; }
  [[nodiscard]] const std::string& answer() const { return in_; }

  /// The answer's status; 0 when the connection is gone.
  int exchange(const std::string& request) {
    if (!open_ || !send_all(request)) return 0;
    in_.clear();
    std::size_t head = std::string::npos;
    while (head == std::string::npos) {
      if (!receive()) return 0;
      head = in_.find("\r\n\r\n");
    }
    const std::string lower = to_lower(in_.substr(0, head));
    const std::size_t at = lower.find("content-length: ");
    std::size_t length = 0;
    if (at != std::string::npos) {
      const std::size_t begin = at + 16;
      length = parse_whole<std::size_t>(lower.substr(begin, lower.find('\r', begin) - begin)).value_or(0);
    }
    while (in_.size() < head + 4 + length) {
      if (!receive()) return 0;
    }
    if (lower.find("connection: close") != std::string::npos) open_ = false;
    return parse_whole<int>(in_.substr(9, 3)).value_or(0);
  }

 private:
  bool send_all(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return open_ = false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  bool receive() {
    char buffer[65536];
    const ssize_t got = ::recv(fd_.get(), buffer, sizeof(buffer), 0);
    if (got <= 0) return open_ = false;
    in_.append(buffer, static_cast<std::size_t>(got));
    return true;
  }

  Descriptor fd_;
  bool open_ = false;
  std::string in_;
};

double microseconds(Ticks::duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

}  // namespace

std::string signed_request(const Target& target, const Key& key, std::string_view service,
                           std::vector<std::pair<std::string, std::string>> headers, std::string_view body,
                           const Line& line) {
  const std::string time = timestamp();
  const std::string date = time.substr(0, 8);
  const std::string host = fmt::format("{}:{}", target.host, target.port);
  headers.emplace_back("host", host);
  headers.emplace_back("x-amz-date", time);
  aws::wire::HttpRequest request{line.method, line.path, {}, bytes_of(body)};
  std::vector<std::string> names;
  for (const auto& [name, value] : headers) {
    request.headers.add(name, value);
    names.push_back(to_lower(name));
  }
  std::ranges::sort(names);
  const std::string canonical =
      sigv4::canonical_request(request, sigv4::PathRule::normalized, names, sha256_hex(request.body)).value();
  const std::string scope = fmt::format("{}/us-east-1/{}/aws4_request", date, service);
  const std::string text =
      fmt::format("AWS4-HMAC-SHA256\n{}\n{}\n{}", time, scope, sha256_hex(bytes_of(canonical)));
  Sha256Digest digest = hmac_sha256(bytes_of("AWS4" + key.secret), date);
  for (const std::string_view part :
       {std::string_view("us-east-1"), service, std::string_view("aws4_request")}) {
    digest = hmac_sha256(digest, part);
  }
  std::string wire = fmt::format("{} {} HTTP/1.1\r\n", line.method, line.path);
  for (const auto& [name, value] : headers) wire += fmt::format("{}: {}\r\n", name, value);
  wire += fmt::format(
      "Authorization: AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={}\r\nContent-Length: "
      "{}\r\n\r\n{}",
      key.id, scope, fmt::join(names, ";"), hex(hmac_sha256(digest, text)), body.size(), body);
  return wire;
}

Timing hammer(const Target& target, const std::string& request, int connections,
              std::chrono::milliseconds length) {
  return hammer(target, std::vector<std::string>(static_cast<std::size_t>(connections), request), length);
}

Timing hammer(const Target& target, const std::vector<std::string>& requests,
              std::chrono::milliseconds length) {
  std::vector<std::vector<double>> times(requests.size());
  std::vector<std::uint64_t> failures(requests.size());
  const auto begin = Ticks::now();
  {
    std::vector<std::jthread> clients;
    for (std::size_t i = 0; i < times.size(); ++i) {
      clients.emplace_back([&, i] {
        std::optional<Connection> connection(target);
        while (Ticks::now() - begin < length) {
          const auto sent = Ticks::now();
          // A server that closes after each answer is asked over another connection: that is its cost.
          if (!connection->is_open()) connection.emplace(target);
          const int status = connection->exchange(requests[i]);
          times[i].push_back(microseconds(Ticks::now() - sent));
          if (status != 200) ++failures[i];
          if (status == 0) return;
        }
      });
    }
  }
  const double seconds = microseconds(Ticks::now() - begin) / 1e6;
  std::vector<double> all;
  Timing timing;
  for (std::size_t i = 0; i < times.size(); ++i) {
    all.insert(all.end(), times[i].begin(), times[i].end());
    timing.failures += failures[i];
  }
  if (all.empty()) return timing;
  std::ranges::sort(all);
  timing.p50_us = all[all.size() / 2];
  timing.p99_us = all[all.size() * 99 / 100];
  timing.per_second = static_cast<double>(all.size()) / seconds;
  return timing;
}

std::string answer_of(const Target& target, const std::string& request) {
  Connection connection(target);
  return connection.exchange(request) == 0 ? "" : connection.answer();
}

double exchange_us(const Target& target, const std::string& request) {
  const auto begin = Ticks::now();
  Connection connection(target);
  return connection.exchange(request) == 0 ? -1 : microseconds(Ticks::now() - begin);
}

}  // namespace sightline::bench
