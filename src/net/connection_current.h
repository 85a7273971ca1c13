#pragma once
// The request that a connection is at work on; idle connections have none.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/mutex.h"
#include "net/connection.h"

namespace sightline::net {

struct Connection::Current {
  Current(RequestHead request, Ticks::time_point now)
      : decoder(request), head(std::make_shared<const RequestHead>(std::move(request))), began(now) {}

  [[nodiscard]] std::size_t held() const {
    return body.size() + body_in_work + (stream != nullptr ? stream->held() : 0);
  }

  BodyDecoder decoder;
  std::shared_ptr<const RequestHead> head;  ///< shared with the handler
  Ticks::time_point began;
  Decision decision;
  AccessRecord record;
  std::uint64_t max_body = 0;
  std::uint64_t body_bytes = 0;
  std::string body;              ///< collected
  std::size_t body_in_work = 0;  ///< bytes of a collected body that the handler has now
  bool owes_continue = false;    ///< the client waits for "100 Continue"
  bool body_broken = false;      ///< where the next request begins is unknown
  std::optional<std::pair<Failure, std::string>> stream_failure;  ///< what became of a transfer's body
  bool keep_alive = true;                                         ///< settled when the response begins
  int status = 0;                                                 ///< of the response that has begun
  std::shared_ptr<StreamBridge> stream;                           ///< shared with the handler
  std::shared_ptr<ParkedExchange> parked;                         ///< shared with the Reply
};

/// Thread-safe: the Reply is wherever the handler put it.
class Connection::ParkedExchange final : public Reply::Exchange {
 public:
  using Callback = std::move_only_function<void(Cancelled)>;
  using Deliver = std::move_only_function<void(std::optional<Response>)>;

  /// `deliver` posts; no response means that the Reply was given up.
  explicit ParkedExchange(Deliver deliver) : deliver_(std::move(deliver)) {}

  void send(Response response) override { settle(std::move(response)); }
  void abandon() override { settle(std::nullopt); }

  void on_cancel(Callback callback) override {
    MutexLock lock(mutex_);
    if (settled_) return;
    if (!cancelled_) {
      callback_ = std::move(callback);
      return;
    }
    const Cancelled why = *cancelled_;
    lock.unlock();
    callback(why);
  }

  std::optional<Cancelled> cancelled() const override {
    const MutexLock lock(mutex_);
    return cancelled_;
  }

  void cancel(Cancelled why) {
    Callback callback;
    {
      const MutexLock lock(mutex_);
      cancelled_ = why;
      callback = std::exchange(callback_, nullptr);
    }
    if (callback) callback(why);
  }

 private:
  void settle(std::optional<Response> response) {
    Callback unused;  // destroyed outside of the lock: it may own anything
    {
      const MutexLock lock(mutex_);
      if (settled_) return;
      settled_ = true;
      unused = std::exchange(callback_, nullptr);
    }
    deliver_(std::move(response));
  }

  mutable Mutex mutex_;
  bool settled_ SIGHTLINE_GUARDED_BY(mutex_) = false;
  std::optional<Cancelled> cancelled_ SIGHTLINE_GUARDED_BY(mutex_);
  Callback callback_ SIGHTLINE_GUARDED_BY(mutex_);
  Deliver deliver_;
};

}  // namespace sightline::net
