#include "store/dispatcher.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "base/mutex.h"

namespace sightline::store {
namespace {

/// After an error of the database, and when the pool is full.
constexpr std::chrono::milliseconds kPause{1'000};
constexpr std::chrono::milliseconds kLongestSleep{3'600'000};
/// Before an event is tried again that this server itself could not take.
constexpr std::chrono::milliseconds kOwnTroublePause{10'000};

using Outcomes = std::vector<Dispatcher::Outcome>;

Outcomes run_guarded(const Dispatcher::Handler& handler, std::span<const Event> events) {
  const auto all_failed = [&](std::string why) {
    return Outcomes(events.size(), std::unexpected(Dispatcher::Refused{std::move(why)}));
  };
  try {
    Outcomes outcomes = handler(events);
    return outcomes.size() == events.size() ? outcomes : all_failed("a consumer lost an event");
  } catch (const std::exception& error) {
    return all_failed(error.what());
  }
}

}  // namespace

class Dispatcher::Impl {
 public:
  Impl(Outbox& outbox, const Clock& clock, WorkerPool& pool, std::map<std::string, Consumer> consumers,
       OnGivenUp on_given_up)
      : outbox_(outbox),
        clock_(clock),
        pool_(pool),
        consumers_(std::move(consumers)),
        on_given_up_(std::move(on_given_up)) {
    for (const auto& [topic, consumer] : consumers_) topics_.push_back(topic);
    listener_ = outbox_.add_listener([this] { wake(); });
    thread_ = std::jthread([this] { deliver_until_stopped(); });
  }

  ~Impl() {
    outbox_.remove_listener(listener_);
    MutexLock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
    lock.unlock();
    thread_.join();
    lock.lock();
    while (under_way_ > 0) changed_.wait(lock);
  }

  void wake() {
    const MutexLock lock(mutex_);
    awake_ = true;
    changed_.notify_all();
  }

  Counters counters() const {
    const MutexLock lock(mutex_);
    return {delivered_, failed_, given_up_, errors_, under_way_};
  }

 private:
  using Events = std::vector<Event>;

  void deliver_until_stopped() {
    MutexLock lock(mutex_);
    while (!stopping_) {
      awake_ = false;
      const std::size_t room = kMaxUnderWay - under_way_;
      lock.unlock();
      const auto sleep = room == 0 ? kLongestSleep : deliver_due(room);
      lock.lock();
      const auto until = std::chrono::steady_clock::now() + sleep;
      while (!stopping_ && !awake_ && changed_.wait_until(lock, until)) {
      }
    }
  }

  /// Hands out what is due; returns how long nothing more will be.
  std::chrono::milliseconds deliver_due(std::size_t room) {
    const auto due = outbox_.next_due(topics_);
    if (!due) return error_pause();
    if (!*due) return kLongestSleep;
    const Instant now = clock_.now();
    if (**due > now) return std::min(**due - now, kLongestSleep);
    for (const auto& [topic, consumer] : consumers_) {
      if (room == 0) break;
      auto events = outbox_.claim(topic, room, consumer.policy);
      if (!events) return error_pause();
      room -= events->size();
      if (!hand_over(consumer, *std::move(events))) return kPause;
    }
    return std::chrono::milliseconds(0);
  }

  std::chrono::milliseconds error_pause() {
    ++errors_;
    return kPause;
  }

  /// False when the pool is full: the rest is due again.
  bool hand_over(const Consumer& consumer, Events events) {
    for (auto first = events.begin(); first != events.end();) {
      const auto count =
          std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(consumer.at_once), events.end() - first);
      auto call =
          std::make_shared<Events>(std::make_move_iterator(first), std::make_move_iterator(first + count));
      first += count;
      {
        const MutexLock lock(mutex_);
        under_way_ += call->size();
      }
      if (pool_.try_submit([this, &consumer, call] { deliver(consumer, *call); })) continue;
      give_back(*call);
      give_back(std::span(first, events.end()));
      ended(call->size());
      return false;
    }
    return true;
  }

  void give_back(std::span<const Event> events) {
    for (const Event& event : events)
      if (!outbox_.give_back(event)) ++errors_;
  }

  void deliver(const Consumer& consumer, Events& events) {
    const Outcomes outcomes = run_guarded(consumer.handle, events);
    const std::size_t count = events.size();
    Events done;
    for (std::size_t i = 0; i < count; ++i) {
      if (outcomes[i]) {
        done.push_back(std::move(events[i]));
      } else {
        record_failure(events[i], outcomes[i].error(), consumer.policy);
      }
    }
    record_success(consumer, done);
    ended(count);
  }

  // Without these records the events come again once their lease has ended.
  void record_success(const Consumer& consumer, const Events& events) {
    if (events.empty()) return;
    delivered_ += events.size();
    const auto settled = outbox_.confirm(events);
    if (!settled) {
      ++errors_;
    } else if (consumer.confirmed && !settled->empty()) {
      consumer.confirmed(*settled);
    }
  }

  void record_failure(const Event& event, const Refused& refused, const DeliveryPolicy& policy) {
    ++failed_;
    // However long a disk is full, nothing that was acknowledged becomes a dead letter for that.
    if (refused.own_trouble && !refused.for_good) {
      if (!outbox_.give_back(event, kOwnTroublePause)) ++errors_;
      return;
    }
    const auto given_up = refused.for_good ? outbox_.give_up(event, refused.error)
                                           : outbox_.fail_delivery(event, refused.error, policy);
    if (!given_up) ++errors_;
    if (!given_up || !*given_up) return;
    ++given_up_;
    if (on_given_up_) on_given_up_(event, refused.error);
  }

  void ended(std::size_t count) {
    const MutexLock lock(mutex_);
    under_way_ -= count;
    awake_ = true;
    changed_.notify_all();
  }

  Outbox& outbox_;
  const Clock& clock_;
  WorkerPool& pool_;
  const std::map<std::string, Consumer> consumers_;
  const OnGivenUp on_given_up_;
  std::vector<std::string> topics_;
  Outbox::ListenerId listener_;
  std::atomic<std::uint64_t> delivered_ = 0;
  std::atomic<std::uint64_t> failed_ = 0;
  std::atomic<std::uint64_t> given_up_ = 0;
  std::atomic<std::uint64_t> errors_ = 0;
  mutable Mutex mutex_;
  Condition changed_;
  std::size_t under_way_ SIGHTLINE_GUARDED_BY(mutex_) = 0;
  bool awake_ SIGHTLINE_GUARDED_BY(mutex_) = false;
  bool stopping_ SIGHTLINE_GUARDED_BY(mutex_) = false;
  std::jthread thread_;
};

Dispatcher::Dispatcher(Outbox& outbox, const Clock& clock, WorkerPool& pool,
                       std::map<std::string, Consumer> consumers, OnGivenUp on_given_up)
    : impl_(std::make_unique<Impl>(outbox, clock, pool, std::move(consumers), std::move(on_given_up))) {}

Dispatcher::~Dispatcher() = default;

void Dispatcher::wake() {
  impl_->wake();
}

Dispatcher::Counters Dispatcher::counters() const {
  return impl_->counters();
}

Dispatcher::Handler one_by_one(std::function<Result<void>(const Event&)> handler) {
  return [handler = std::move(handler)](std::span<const Event> events) {
    Outcomes outcomes;
    outcomes.reserve(events.size());
    for (const Event& event : events) {
      auto done = handler(event);
      if (done) {
        outcomes.emplace_back();
      } else {
        outcomes.emplace_back(std::unexpected(Dispatcher::Refused{std::move(done).error().message}));
      }
    }
    return outcomes;
  };
}

}  // namespace sightline::store
