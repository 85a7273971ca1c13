#pragma once
// Those who wait for a message: in memory alone, in the order in which they came.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "cloud/queues/message.h"
#include "cloud/queues/queue.h"

namespace sightline::queues {

struct ReceiveRequest {
  QueueKey queue;
  int max_messages = 1;                            ///< 1 to 10
  std::optional<std::int64_t> visibility_timeout;  ///< in seconds; the queue's where it does not say
  std::optional<std::int64_t> wait;                ///< in seconds; the queue's where it does not say
};

using ReceiveDone = std::move_only_function<void(Result<std::vector<ReceivedMessage>>)>;

struct Waiter {
  std::uint64_t id = 0;
  ReceiveRequest request;
  Instant deadline;
  std::stop_token stop;
  ReceiveDone done;
  /// Last: what it calls looks for the waiter.
  std::unique_ptr<std::stop_callback<std::function<void()>>> on_stop;
};

using WaiterPtr = std::unique_ptr<Waiter>;

/// Not thread-safe. A waiter that has been taken must be destroyed without the lock that guards the room: its
/// stop callback may be waiting for that.
class WaitingRoom {
 public:
  void add(WaiterPtr waiter);
  /// The oldest ones of a queue.
  [[nodiscard]] std::vector<WaiterPtr> take(const QueueKey& queue, std::size_t limit);
  /// Null when it is not here.
  [[nodiscard]] WaiterPtr take(std::uint64_t id);
  [[nodiscard]] std::vector<WaiterPtr> take_expired(Instant now);
  [[nodiscard]] std::vector<WaiterPtr> take_all();
  [[nodiscard]] bool has(const QueueKey& queue) const { return by_queue_.contains(queue); }
  [[nodiscard]] std::size_t size() const { return waiters_.size(); }
  [[nodiscard]] std::optional<Instant> next_deadline() const;

 private:
  std::unordered_map<std::uint64_t, WaiterPtr> waiters_;
  std::map<QueueKey, std::map<std::uint64_t, Waiter*>> by_queue_;
  std::map<std::pair<Instant, std::uint64_t>, Waiter*> by_deadline_;
};

}  // namespace sightline::queues
