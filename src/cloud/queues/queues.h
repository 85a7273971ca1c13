#pragma once
// Standard queues as SQS has them: at least once, in no promised order, hidden from others while somebody
// works on a message.
//
// What is sent and what is received is on the disk before the call is answered. Those who wait for messages
// are in memory: one thread serves all of them, and those who wait hold none.

#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "cloud/queues/arrival.h"
#include "cloud/queues/message.h"
#include "cloud/queues/queue.h"
#include "cloud/queues/waiting_room.h"
#include "store/stores.h"

namespace sightline::queues {

inline constexpr std::size_t kMaxWaiters = 20'000;
inline constexpr int kMaxReceived = 10;
inline constexpr std::int64_t kMaxVisibility = 43'200;  ///< seconds
inline constexpr std::int64_t kMaxWait = 20;            ///< seconds

struct QueueCounters {
  std::size_t waiting = 0;   ///< receivers now
  std::uint64_t errors = 0;  ///< of the database, while no caller could be told
};

/// Thread-safe. Clock and Random outlive it. Every function may also fail as the store does.
/// Where the queue is missing and more is wrong as well, the error is not_found.
class Queues {
 public:
  static Result<std::unique_ptr<Queues>> open(store::Stores& stores, const Clock& clock, Random& random);
  Queues(const Queues&) = delete;
  Queues& operator=(const Queues&) = delete;
  /// Whoever waits for messages gets nothing; what was sent is told of first.
  ~Queues();

  /// One that is there already is returned when it has the attributes that are asked for. Errors:
  /// invalid_argument (the name, a value), already_exists (the message is the name of the attribute that
  /// differs).
  [[nodiscard]] Result<Queue> create(const QueueKey& key, std::span<const AttributeSetting> settings = {});
  /// Errors: not_found.
  [[nodiscard]] Result<Queue> find(const QueueKey& key);
  /// With its messages. Errors: not_found.
  [[nodiscard]] Result<void> remove(const QueueKey& key);

  struct Sent {
    std::string id;
    std::string md5_of_body;
    std::string md5_of_attributes;  ///< empty where there are none
  };
  using SendDone = std::move_only_function<void(Result<Sent>)>;
  /// Returns at once; `done` is told once the message is on the disk, from the thread that has put it there:
  /// it must be quick and call nothing here. Errors: not_found, and those of MessageCheck.
  void send(const QueueKey& key, NewMessage message, SendDone done);
  /// What comes from the bus; waits until it is on the disk. One result for each, in their order: not_found,
  /// those of MessageCheck. What has arrived before is not put again. `settled` ones will not come again.
  [[nodiscard]] std::vector<Result<void>> accept(std::vector<Arrival> arrivals,
                                                 std::span<const bus::DeliveryId> settled = {});
  /// Calls `done` once, and holds no thread until then: with messages that are there, once the disk knows
  /// who has them, from the thread that wrote that; at once, on this thread, when there are none and nobody
  /// is to wait; else with the next ones, or with none at the deadline or when `stop` is asked for, from this
  /// object's thread or the one that stops. It must be quick and call nothing here. Messages for a receiver
  /// that has stopped go back. Errors: not_found (also when the queue is removed meanwhile), invalid_argument
  /// (a number out of its bounds), unavailable (kMaxWaiters).
  void receive(ReceiveRequest request, std::stop_token stop, ReceiveDone done);
  using RemoveDone = std::move_only_function<void(Result<void>)>;
  /// Tells as send() does, or at once. A message that has been deleted, or received again since, is no error.
  /// Errors: not_found (the queue), invalid_argument (not a handle of this queue).
  void remove_message(const QueueKey& key, std::string_view receipt_handle, RemoveDone done);

  /// Looks at once: the clock was set, say.
  void wake();
  [[nodiscard]] QueueCounters counters() const;

 private:
  class Impl;
  explicit Queues(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sightline::queues
