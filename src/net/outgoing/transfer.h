#pragma once
// One exchange over libcurl, with the rules that hold for every outgoing connection. Private to the module.

#include <curl/curl.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/outgoing/destinations.h"

namespace sightline::outgoing {

struct TransferLimits {
  std::chrono::milliseconds connect_patience{};  ///< for the name, the connection and TLS
  std::chrono::milliseconds patience{};          ///< for all of it
  std::size_t max_head = 0;                      ///< bytes of status lines, header lines, SMTP replies
  std::size_t max_body = 0;                      ///< bytes
};

/// Set up, performed once, asked for what came. Not thread-safe; nothing is kept from one to the next: no
/// connection, cookie, credential or name.
class Transfer {
 public:
  /// `host` is the name or address in the URL; `destination` says in messages where it goes ("host:port":
  /// paths and queries are often secrets). `protocols` as curl names them, "http,https".
  Transfer(const Destinations& destinations, const TransferLimits& limits, std::string host,
           std::string destination, const char* protocols, std::stop_token stop);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  void set(CURLoption option, long value) { note(curl_easy_setopt(easy_.get(), option, value)); }
  void set(CURLoption option, const std::string& value) {
    note(curl_easy_setopt(easy_.get(), option, value.c_str()));
  }
  void set_pointer(CURLoption option, void* value) { note(curl_easy_setopt(easy_.get(), option, value)); }
  void set_reader(curl_read_callback reader, void* data) {
    note(curl_easy_setopt(easy_.get(), CURLOPT_READFUNCTION, reader));
    note(curl_easy_setopt(easy_.get(), CURLOPT_READDATA, data));
  }
  void set_size(CURLoption option, curl_off_t value) { note(curl_easy_setopt(easy_.get(), option, value)); }
  /// The certificates of authorities to trust in place of the system's (a PEM file).
  void trust(const std::string& authorities_file);

  /// Errors: permission_denied (the address is not allowed, or the server takes no such password),
  /// unavailable (no name, no answer, no trusted TLS, too slow), corrupt (the response is none of the
  /// protocol), too_large, cancelled, internal.
  [[nodiscard]] Result<void> perform();

  /// After perform(), whatever it said.
  [[nodiscard]] CURL* handle() const { return easy_.get(); }
  [[nodiscard]] long response_code() const;
  [[nodiscard]] std::string connected_address() const;
  [[nodiscard]] std::string take_body() { return std::move(body_); }
  /// Of the head's lines (SMTP's replies) the last one of 4xx or 5xx, its first 300 bytes, fit for a message.
  [[nodiscard]] std::string last_refusal() const;

 private:
  using Easy = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;

  static curl_socket_t open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int before_request(void* self, char* remote, char* local, int remote_port, int local_port);
  static std::size_t take_head(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t take_data(char* data, std::size_t size, std::size_t count, void* self);
  static int watch(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

  [[nodiscard]] std::string reason(CURLcode code) const;
  [[nodiscard]] bool allows(const std::optional<IpAddress>& address);
  [[nodiscard]] Error error_of(CURLcode code) const;
  void note(CURLcode code) {
    if (setup_ == CURLE_OK) setup_ = code;
  }

  const Destinations& destinations_;
  TransferLimits limits_;
  std::string host_;
  std::string destination_;
  std::stop_token stop_;
  Easy easy_;
  CURLcode setup_ = CURLE_OK;
  std::string reason_;
  std::optional<Error> refusal_;
  std::optional<Error> excess_;
  std::size_t head_bytes_ = 0;
  std::string last_refusal_;
  std::string body_;
};

}  // namespace sightline::outgoing
