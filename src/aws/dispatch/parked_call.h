#pragma once
// The right to answer one parked call, once, from any thread, in the words of its operation.

#include <functional>
#include <memory>
#include <optional>

#include "aws/dispatch/answer_writer.h"
#include "aws/wire/service_error.h"
#include "net/handler.h"

namespace sightline::aws::dispatch {

/// Destroyed unused it answers with an internal error.
class AnyParkedCall {
 public:
  AnyParkedCall(net::Reply reply, AnswerWriter writer)
      : reply_(std::move(reply)), writer_(std::move(writer)) {}

  void answer(const void* output) && { std::move(reply_).send(writer_.write(output)); }
  void refuse(const wire::ServiceError& error) && { std::move(reply_).send(writer_.write_error(error)); }
  /// As net::Reply::on_cancel.
  void on_cancel(std::move_only_function<void(net::Cancelled)> callback) {
    reply_.on_cancel(std::move(callback));
  }
  [[nodiscard]] std::optional<net::Cancelled> cancelled() const { return reply_.cancelled(); }

 private:
  net::Reply reply_;
  AnswerWriter writer_;
};

template <typename Op>
class ParkedCall {
 public:
  explicit ParkedCall(AnyParkedCall call) : call_(std::move(call)) {}

  void answer(const typename Op::Response& response) && { std::move(call_).answer(&response); }
  void refuse(const wire::ServiceError& error) && { std::move(call_).refuse(error); }
  void on_cancel(std::move_only_function<void(net::Cancelled)> callback) {
    call_.on_cancel(std::move(callback));
  }
  [[nodiscard]] std::optional<net::Cancelled> cancelled() const { return call_.cancelled(); }

 private:
  AnyParkedCall call_;
};

}  // namespace sightline::aws::dispatch
