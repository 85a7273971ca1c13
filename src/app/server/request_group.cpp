#include "app/server/request_group.h"

#include <optional>
#include <utility>
#include <vector>

namespace sightline::server {
namespace {

net::Response was_reset() {
  net::Response response;
  response.status = 503;
  response.note = "reset";
  return response;
}

/// Passes everything on until the group ends.
class GroupedTransfer final : public net::Transfer {
 public:
  GroupedTransfer(std::shared_ptr<void> owner, std::shared_ptr<RequestGroup> group,
                  std::shared_ptr<net::Transfer> transfer)
      : owner_(std::move(owner)), group_(std::move(group)), transfer_(std::move(transfer)) {}

  std::optional<net::TransferAnswer> begin() override {
    if (group_->ended()) return net::TransferAnswer{was_reset()};
    return transfer_->begin();
  }
  std::optional<net::TransferAnswer> take(std::span<const char> piece) override {
    if (group_->ended()) return net::TransferAnswer{was_reset()};
    return transfer_->take(piece);
  }
  net::TransferAnswer end(const Error* broken) override {
    if (group_->ended()) return {was_reset()};
    return transfer_->end(broken);
  }
  Result<std::size_t> read(std::span<char> into) override {
    if (group_->ended()) return fail(ErrorKind::unavailable, "the server was reset");
    return transfer_->read(into);
  }

 private:
  std::shared_ptr<void> owner_;
  std::shared_ptr<RequestGroup> group_;
  std::shared_ptr<net::Transfer> transfer_;  // goes first
};

/// A parked request that ends when its client goes, its server stops or its group ends, whichever is first.
class GroupedExchange final : public net::Reply::Exchange {
 public:
  GroupedExchange(std::shared_ptr<RequestGroup> group, net::Reply reply)
      : group_(std::move(group)), watch_(std::make_shared<Watch>()), reply_(std::move(reply)) {
    id_ = group_->add([watch = watch_] { watch->fire(net::Cancelled::stopping); });
    reply_->on_cancel([watch = watch_](net::Cancelled why) { watch->fire(why); });
  }
  ~GroupedExchange() override { group_->remove(id_); }

  void send(net::Response response) override {
    if (reply_) std::move(*reply_).send(std::move(response));
    reply_.reset();
  }
  void abandon() override { reply_.reset(); }
  void on_cancel(std::move_only_function<void(net::Cancelled)> callback) override {
    watch_->listen(std::move(callback));
  }
  std::optional<net::Cancelled> cancelled() const override { return watch_->why(); }

 private:
  class Watch {
   public:
    void fire(net::Cancelled why) {
      MutexLock lock(mutex_);
      if (why_) return;
      why_ = why;
      auto callback = std::move(callback_);
      lock.unlock();
      if (callback) callback(why);
    }
    void listen(std::move_only_function<void(net::Cancelled)> callback) {
      MutexLock lock(mutex_);
      if (!why_) {
        callback_ = std::move(callback);
        return;
      }
      const net::Cancelled why = *why_;
      lock.unlock();
      callback(why);
    }
    std::optional<net::Cancelled> why() const {
      const MutexLock lock(mutex_);
      return why_;
    }

   private:
    mutable Mutex mutex_;
    std::optional<net::Cancelled> why_ SIGHTLINE_GUARDED_BY(mutex_);
    std::move_only_function<void(net::Cancelled)> callback_ SIGHTLINE_GUARDED_BY(mutex_);
  };

  const std::shared_ptr<RequestGroup> group_;
  const std::shared_ptr<Watch> watch_;
  RequestGroup::Id id_ = 0;
  std::optional<net::Reply> reply_;
};

}  // namespace

void RequestGroup::end() {
  std::unordered_map<Id, std::function<void()>> parked;
  {
    const MutexLock lock(mutex_);
    ended_ = true;
    parked.swap(parked_);
  }
  for (const auto& [id, on_end] : parked) on_end();
}

RequestGroup::Id RequestGroup::add(std::function<void()> on_end) {
  MutexLock lock(mutex_);
  const Id id = ++next_;
  if (!ended_) {
    parked_.emplace(id, std::move(on_end));
    return id;
  }
  lock.unlock();
  on_end();
  return id;
}

void RequestGroup::remove(Id id) {
  const MutexLock lock(mutex_);
  parked_.erase(id);
}

net::Decision in_group(net::Decision decision, std::shared_ptr<void> owner,
                       std::shared_ptr<RequestGroup> group) {
  if (auto* streaming = std::get_if<net::Streaming>(&decision.way)) {
    streaming->transfer =
        std::make_shared<GroupedTransfer>(std::move(owner), std::move(group), std::move(streaming->transfer));
  } else if (auto* unary = std::get_if<net::Unary>(&decision.way)) {
    unary->run = [owner = std::move(owner), group = std::move(group),
                  run = std::move(unary->run)](net::Request request) mutable {
      return group->ended() ? was_reset() : run(std::move(request));
    };
  } else if (auto* parked = std::get_if<net::Parked>(&decision.way)) {
    parked->run = [owner = std::move(owner), group = std::move(group), run = std::move(parked->run)](
                      net::Request request, net::Reply reply) mutable {
      if (group->ended()) return std::move(reply).send(was_reset());
      run(std::move(request), net::Reply(std::make_shared<GroupedExchange>(group, std::move(reply))));
    };
  }
  return decision;
}

}  // namespace sightline::server
