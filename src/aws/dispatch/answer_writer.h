#pragma once
// Turns an operation's answer or error into the response that goes out.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "aws/wire/codec.h"
#include "net/message.h"

namespace sightline::aws::dispatch {

/// Told why a request failed where the caller learns only that it did: a bug, a full disk. Thread-safe.
using OnTrouble = std::function<void(std::string_view request_id, std::string_view what)>;

/// What all answers to one request share. Copyable: a parked call keeps one.
class AnswerWriter {
 public:
  /// `allowed_origin` is the page that may read the answer; empty for most requests. `operation` may be null
  /// where a request named none: then only errors are written. `on_trouble` is shared with the dispatcher,
  /// which a parked call may outlive.
  AnswerWriter(const wire::Service& service, const wire::Operation* operation, wire::RequestIds ids,
               const net::RequestHead& head, std::string allowed_origin,
               std::shared_ptr<const OnTrouble> on_trouble);

  [[nodiscard]] net::Response write(const void* output) const;
  [[nodiscard]] net::Response write(wire::HttpResponse response) const;
  /// Its cause, where it has one, goes to tell().
  [[nodiscard]] net::Response write_error(const wire::ServiceError& error) const;
  /// What went wrong once the answer was on its way, or once the client had gone.
  void tell(std::string_view what) const;

 private:
  const wire::Service* service_;
  const wire::Operation* operation_;
  wire::RequestIds ids_;
  std::string resource_;
  std::string allowed_origin_;
  std::shared_ptr<const OnTrouble> on_trouble_;
  bool head_only_;
};

/// Lets a browser give the answer to this page.
void allow_origin(net::Response& response, const std::string& origin);

}  // namespace sightline::aws::dispatch
