#pragma once
// The right to answer one parked call, once, from any thread: over HTTP in the words of its operation, or to
// whoever called from inside.

#include <functional>
#include <memory>
#include <optional>

#include "aws/dispatch/answer_writer.h"
#include "aws/wire/service_error.h"
#include "net/handler.h"

namespace sightline::aws::dispatch {

/// Where the answer to a parked call goes. Destroyed unused it answers with an internal error.
class ParkedSink {
 public:
  ParkedSink() = default;
  ParkedSink(const ParkedSink&) = delete;
  ParkedSink& operator=(const ParkedSink&) = delete;
  virtual ~ParkedSink() = default;
  /// `output` is the operation's response as its own struct; null where it has none. Once, or refuse() once.
  virtual void answer(const void* output) = 0;
  virtual void refuse(const wire::ServiceError& error) = 0;
  /// As net::Reply's.
  virtual void on_cancel(std::move_only_function<void(net::Cancelled)> callback) = 0;
  [[nodiscard]] virtual std::optional<net::Cancelled> cancelled() const = 0;
};

/// A client's, over its connection.
class ReplySink final : public ParkedSink {
 public:
  ReplySink(net::Reply reply, AnswerWriter writer) : reply_(std::move(reply)), writer_(std::move(writer)) {}
  void answer(const void* output) override { std::move(reply_).send(writer_.write(output)); }
  void refuse(const wire::ServiceError& error) override {
    std::move(reply_).send(writer_.write_error(error));
  }
  void on_cancel(std::move_only_function<void(net::Cancelled)> callback) override {
    reply_.on_cancel(std::move(callback));
  }
  [[nodiscard]] std::optional<net::Cancelled> cancelled() const override { return reply_.cancelled(); }

 private:
  net::Reply reply_;
  AnswerWriter writer_;
};

/// Move-only.
class AnyParkedCall {
 public:
  explicit AnyParkedCall(std::unique_ptr<ParkedSink> sink) : sink_(std::move(sink)) {}
  AnyParkedCall(net::Reply reply, AnswerWriter writer)
      : AnyParkedCall(std::make_unique<ReplySink>(std::move(reply), std::move(writer))) {}

  void answer(const void* output) && { std::exchange(sink_, nullptr)->answer(output); }
  void refuse(const wire::ServiceError& error) && { std::exchange(sink_, nullptr)->refuse(error); }
  void on_cancel(std::move_only_function<void(net::Cancelled)> callback) {
    sink_->on_cancel(std::move(callback));
  }
  [[nodiscard]] std::optional<net::Cancelled> cancelled() const { return sink_->cancelled(); }

 private:
  std::unique_ptr<ParkedSink> sink_;
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
