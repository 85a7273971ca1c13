#include <algorithm>
#include <atomic>
#include <thread>

#include "base/mutex.h"
#include "store/events.h"

namespace sightline::store {
namespace {

constexpr std::size_t kMaxUnderWay = 64;
/// After an error of the database, and when the pool is full.
constexpr std::chrono::milliseconds kPause{1'000};
constexpr std::chrono::milliseconds kLongestSleep{3'600'000};

Result<void> run_guarded(const Dispatcher::Handler& handler, const Event& event) {
  try {
    return handler(event);
  } catch (const std::exception& error) {
    return fail(ErrorKind::internal, error.what());
  }
}

}  // namespace

class Dispatcher::Impl {
 public:
  Impl(Outbox& outbox, const Clock& clock, WorkerPool& pool, std::map<std::string, Handler> handlers)
      : outbox_(outbox), clock_(clock), pool_(pool), handlers_(std::move(handlers)) {
    for (const auto& [topic, handler] : handlers_) topics_.push_back(topic);
    outbox_.on_append([this] { wake(); });
    thread_ = std::jthread([this] { deliver_until_stopped(); });
  }

  ~Impl() {
    outbox_.on_append(nullptr);
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

  Counters counters() const { return {delivered_, failed_, errors_}; }

 private:
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
    auto events = outbox_.claim(topics_, room);
    if (!events) return error_pause();
    for (std::size_t i = 0; i < events->size(); ++i) {
      if (hand_over((*events)[i])) continue;
      for (; i < events->size(); ++i)
        if (!outbox_.give_back((*events)[i])) ++errors_;
      return kPause;
    }
    return std::chrono::milliseconds(0);
  }

  std::chrono::milliseconds error_pause() {
    ++errors_;
    return kPause;
  }

  bool hand_over(const Event& event) {
    {
      const MutexLock lock(mutex_);
      ++under_way_;
    }
    if (pool_.try_submit([this, event] { deliver(event); })) return true;
    ended();
    return false;
  }

  void deliver(const Event& event) {
    const auto outcome = run_guarded(handlers_.at(event.topic), event);
    ++(outcome ? delivered_ : failed_);
    // Without this record the event comes again once its lease has ended.
    const auto recorded =
        outcome ? outbox_.confirm(event) : outbox_.fail_delivery(event, outcome.error().message);
    if (!recorded) ++errors_;
    ended();
  }

  void ended() {
    const MutexLock lock(mutex_);
    --under_way_;
    awake_ = true;
    changed_.notify_all();
  }

  Outbox& outbox_;
  const Clock& clock_;
  WorkerPool& pool_;
  const std::map<std::string, Handler> handlers_;
  std::vector<std::string> topics_;
  std::atomic<std::uint64_t> delivered_ = 0;
  std::atomic<std::uint64_t> failed_ = 0;
  std::atomic<std::uint64_t> errors_ = 0;
  Mutex mutex_;
  Condition changed_;
  std::size_t under_way_ SIGHTLINE_GUARDED_BY(mutex_) = 0;
  bool awake_ SIGHTLINE_GUARDED_BY(mutex_) = false;
  bool stopping_ SIGHTLINE_GUARDED_BY(mutex_) = false;
  std::jthread thread_;
};

Dispatcher::Dispatcher(Outbox& outbox, const Clock& clock, WorkerPool& pool,
                       std::map<std::string, Handler> handlers)
    : impl_(std::make_unique<Impl>(outbox, clock, pool, std::move(handlers))) {}

Dispatcher::~Dispatcher() = default;

void Dispatcher::wake() {
  impl_->wake();
}

Dispatcher::Counters Dispatcher::counters() const {
  return impl_->counters();
}

}  // namespace sightline::store
