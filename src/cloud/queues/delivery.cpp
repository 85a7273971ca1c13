#include "cloud/queues/delivery.h"

#include <algorithm>

#include "cloud/queues/queues.h"

namespace sightline::queues {
namespace {

using Messages = std::vector<ReceivedMessage>;

/// Receivers that are served by one commit.
constexpr std::size_t kMaxServed = 64;
constexpr std::chrono::milliseconds kCleanUpPause{60'000};
constexpr std::chrono::milliseconds kErrorPause{1'000};
constexpr std::chrono::milliseconds kLongestSleep{3'600'000};

}  // namespace

Delivery::Delivery(QueueStore& store, const Clock& clock)
    : store_(store), clock_(clock), thread_([this] { run(); }) {}

Delivery::~Delivery() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  thread_.join();
  std::vector<WaiterPtr> left;
  {
    const MutexLock lock(mutex_);
    left = room_.take_all();
  }
  for (const WaiterPtr& waiter : left) waiter->done(Messages());
}

void Delivery::park(ReceiveRequest request, Instant deadline, std::stop_token stop, ReceiveDone done) {
  auto waiter = std::make_unique<Waiter>();
  waiter->id = ++last_id_;
  waiter->request = std::move(request);
  waiter->deadline = deadline;
  waiter->stop = stop;
  waiter->done = std::move(done);
  // Called here and now where it is too late; then it finds nobody.
  waiter->on_stop = std::make_unique<std::stop_callback<std::function<void()>>>(
      std::move(stop), [this, id = waiter->id] { cancel(id); });
  bool full = false;
  {
    const MutexLock lock(mutex_);
    full = room_.size() >= kMaxWaiters;
    if (!full && !stopping_ && !waiter->stop.stop_requested()) {
      // Something may have come since the caller looked.
      ready_.insert(waiter->request.queue);
      room_.add(std::move(waiter));
      changed_.notify_all();
      return;
    }
  }
  if (full) {
    waiter->done(fail(ErrorKind::unavailable, "too many receivers are waiting: come again later"));
  } else {
    waiter->done(Messages());
  }
}

void Delivery::changed(const QueueKey& key) {
  const MutexLock lock(mutex_);
  if (!room_.has(key)) return;
  ready_.insert(key);
  changed_.notify_all();
}

void Delivery::wake() {
  const MutexLock lock(mutex_);
  awake_ = true;
  changed_.notify_all();
}

std::size_t Delivery::waiting() const {
  const MutexLock lock(mutex_);
  return room_.size();
}

void Delivery::cancel(std::uint64_t id) {
  WaiterPtr waiter;
  {
    const MutexLock lock(mutex_);
    waiter = room_.take(id);
  }
  if (waiter) waiter->done(Messages());
}

void Delivery::run() {
  MutexLock lock(mutex_);
  while (!stopping_) {
    awake_ = false;
    const Instant now = clock_.now();
    Round round = next_round(now);
    if (round.empty()) {
      const auto until = std::chrono::steady_clock::now() + pause(now);
      while (!stopping_ && !awake_ && ready_.empty() && changed_.wait_until(lock, until)) {
      }
      continue;
    }
    lock.unlock();
    for (const WaiterPtr& waiter : round.expired) waiter->done(Messages());
    round.expired.clear();
    for (const QueueKey& key : round.queues) serve(key);
    if (round.clean) clean_up();
    lock.lock();
  }
}

Delivery::Round Delivery::next_round(Instant now) {
  Round round;
  round.expired = room_.take_expired(now);
  round.queues.swap(ready_);
  for (auto queue = next_.begin(); queue != next_.end();) {
    if (queue->second <= now) round.queues.insert(queue->first);
    queue = queue->second <= now || !room_.has(queue->first) ? next_.erase(queue) : std::next(queue);
  }
  for (auto queue = round.queues.begin(); queue != round.queues.end();) {
    queue = room_.has(*queue) ? std::next(queue) : round.queues.erase(queue);
  }
  round.clean = next_clean_up_ <= now;
  return round;
}

std::chrono::milliseconds Delivery::pause(Instant now) const {
  Instant next = next_clean_up_;
  if (const auto deadline = room_.next_deadline()) next = std::min(next, *deadline);
  for (const auto& [key, visible] : next_) next = std::min(next, visible);
  return std::clamp(next - now, std::chrono::milliseconds(0), kLongestSleep);
}

void Delivery::schedule(const QueueKey& key, std::optional<Instant> next) {
  const MutexLock lock(mutex_);
  if (next) {
    next_[key] = *next;
  } else {
    next_.erase(key);
  }
}

void Delivery::serve(const QueueKey& key) {
  while (serve_some(key)) {
  }
}

bool Delivery::serve_some(const QueueKey& key) {
  const auto state = store_.state_of(key);
  if (!state) {
    refuse_all(key, state.error());
    return false;
  }
  if (!state->next || *state->next > clock_.now()) {
    schedule(key, state->next);
    return false;
  }
  std::vector<WaiterPtr> waiters;
  {
    const MutexLock lock(mutex_);
    if (stopping_) return false;
    waiters = room_.take(key, kMaxServed);
  }
  if (waiters.empty()) return false;
  std::vector<Want> wants;
  wants.reserve(waiters.size());
  for (const WaiterPtr& waiter : waiters)
    wants.push_back({waiter->request.max_messages, waiter->request.visibility_timeout});
  auto messages = store_.claim(key, wants);
  if (!messages) {
    for (const WaiterPtr& waiter : waiters) waiter->done(std::unexpected(messages.error()));
    return false;
  }
  hand_out(key, std::move(waiters), *std::move(messages));
  return true;
}

void Delivery::hand_out(const QueueKey& key, std::vector<WaiterPtr> waiters, std::vector<Messages> messages) {
  for (std::size_t i = 0; i < waiters.size(); ++i) {
    WaiterPtr& waiter = waiters[i];
    if (!messages[i].empty() && waiter->stop.stop_requested()) {
      if (!store_.give_back(key, messages[i])) ++errors_;
      messages[i].clear();
    } else if (messages[i].empty()) {
      const MutexLock lock(mutex_);
      if (!waiter->stop.stop_requested()) {
        room_.add(std::move(waiter));
        continue;
      }
    }
    waiter->done(std::move(messages[i]));
  }
}

void Delivery::refuse_all(const QueueKey& key, const Error& error) {
  std::vector<WaiterPtr> waiters;
  {
    const MutexLock lock(mutex_);
    waiters = room_.take(key, kMaxWaiters);
    next_.erase(key);
  }
  for (const WaiterPtr& waiter : waiters) waiter->done(std::unexpected(error));
}

void Delivery::clean_up() {
  const auto more = store_.clean_up();
  if (!more) ++errors_;
  const MutexLock lock(mutex_);
  const auto pause = !more ? kErrorPause : *more ? std::chrono::milliseconds(0) : kCleanUpPause;
  next_clean_up_ = clock_.now() + pause;
}

}  // namespace sightline::queues
