#pragma once
// The one thread that serves all who wait for messages.

#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "base/mutex.h"
#include "cloud/queues/queue_store.h"
#include "cloud/queues/waiting_room.h"

namespace sightline::queues {

/// Thread-safe. Store and clock outlive it.
class Delivery {
 public:
  Delivery(QueueStore& store, const Clock& clock);
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;
  /// Whoever waits gets nothing.
  ~Delivery();

  /// Waits for messages until the deadline, as Queues::receive() says.
  void park(ReceiveRequest request, Instant deadline, std::stop_token stop, ReceiveDone done);
  /// Something was sent to a queue, or it was removed.
  void changed(const QueueKey& key);
  void wake();
  [[nodiscard]] std::size_t waiting() const;
  [[nodiscard]] std::uint64_t errors() const { return errors_; }

 private:
  /// What the thread does next.
  struct Round {
    std::vector<WaiterPtr> expired;
    std::set<QueueKey> queues;
    bool clean = false;
    [[nodiscard]] bool empty() const { return expired.empty() && queues.empty() && !clean; }
  };

  void run();
  [[nodiscard]] Round next_round(Instant now) SIGHTLINE_REQUIRES(mutex_);
  [[nodiscard]] std::chrono::milliseconds pause(Instant now) const SIGHTLINE_REQUIRES(mutex_);
  void serve(const QueueKey& key);
  /// False when nothing is left to be had.
  [[nodiscard]] bool serve_some(const QueueKey& key);
  void hand_out(const QueueKey& key, std::vector<WaiterPtr> waiters,
                std::vector<std::vector<ReceivedMessage>> messages);
  void refuse_all(const QueueKey& key, const Error& error);
  void cancel(std::uint64_t id);
  void schedule(const QueueKey& key, std::optional<Instant> next);
  void clean_up();

  QueueStore& store_;
  const Clock& clock_;
  std::atomic<std::uint64_t> errors_ = 0;
  std::atomic<std::uint64_t> last_id_ = 0;
  mutable Mutex mutex_;
  Condition changed_;
  WaitingRoom room_ SIGHTLINE_GUARDED_BY(mutex_);
  std::set<QueueKey> ready_ SIGHTLINE_GUARDED_BY(mutex_);  ///< to be looked at
  std::map<QueueKey, Instant> next_
      SIGHTLINE_GUARDED_BY(mutex_);  ///< when a message of theirs becomes visible
  Instant next_clean_up_ SIGHTLINE_GUARDED_BY(mutex_){};
  bool awake_ SIGHTLINE_GUARDED_BY(mutex_) = false;
  bool stopping_ SIGHTLINE_GUARDED_BY(mutex_) = false;
  std::jthread thread_;
};

}  // namespace sightline::queues
