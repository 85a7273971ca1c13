#pragma once
// Turns an operation's answer or error into the response that goes out.

#include <string>

#include "aws/wire/codec.h"
#include "net/message.h"

namespace sightline::aws::dispatch {

/// What all answers to one request share. Copyable: a parked call keeps one.
class AnswerWriter {
 public:
  /// `allowed_origin` is the page that may read the answer; empty for most requests. `operation` may be null
  /// where a request named none: then only errors are written.
  AnswerWriter(const wire::Service& service, const wire::Operation* operation, wire::RequestIds ids,
               const net::RequestHead& head, std::string allowed_origin);

  [[nodiscard]] net::Response write(const void* output) const;
  [[nodiscard]] net::Response write(wire::HttpResponse response) const;
  [[nodiscard]] net::Response write_error(const wire::ServiceError& error) const;

 private:
  const wire::Service* service_;
  const wire::Operation* operation_;
  wire::RequestIds ids_;
  std::string resource_;
  std::string allowed_origin_;
  bool head_only_;
};

/// Tells a browser that this page may read the answer.
void allow_origin(net::Response& response, const std::string& origin);

}  // namespace sightline::aws::dispatch
