#pragma once
// What has to happen after a commit: a transactional outbox in the module's own database file.
//
// An event is appended in the transaction that causes it, so either both are there after a crash or neither.
// It is delivered at least once: a delivery that is not confirmed before its lease ends, because the process
// died or hangs, is made again. Handlers therefore bear repetition, and know an event by its id.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/worker_pool.h"
#include "store/database.h"

namespace sightline::store {

/// To be among the schemas of the file that holds an Outbox.
extern const Schema kEventsSchema;

struct NewEvent {
  std::string_view account;
  std::string_view region;
  std::string_view topic;  ///< whose handler gets it
  BytesView payload;
  /// Events of one topic and key are delivered one after the other, in the order in which they were
  /// committed; one that fails holds back those behind it until it is delivered or given up. Empty: in any
  /// order.
  BytesView ordering_key;
  std::optional<Instant> not_before;
};

struct Event {
  std::int64_t id = 0;  ///< rises in the order of commits
  std::string account;
  std::string region;
  std::string topic;
  std::vector<std::uint8_t> payload;
  Instant created;
  int attempt = 0;  ///< 1 for the first delivery
};

/// An event that was given up.
struct DeadEvent {
  Event event;
  Instant died;
  std::string error;  ///< of the last attempt
};

struct OutboxOptions {
  std::chrono::milliseconds lease{60'000};       ///< how long a delivery may take
  std::chrono::milliseconds first_retry{1'000};  ///< doubled for each further one, half of it by chance
  std::chrono::milliseconds longest_retry{300'000};
  int max_attempts = 20;
};

/// The table. Thread-safe. Two processes may deliver from one file; each event goes to one of them at a time.
class Outbox {
 public:
  Outbox(Database& database, const Clock& clock, Random& random, const OutboxOptions& options = {});

  /// Part of the caller's transaction. Returns the id.
  [[nodiscard]] Result<std::int64_t> append(Transaction& transaction, const NewEvent& event);
  /// Called after each commit that appended something.
  void on_append(std::function<void()> callback);

  /// Takes due events of these topics for the length of a lease, the oldest first.
  [[nodiscard]] Result<std::vector<Event>> claim(const std::vector<std::string>& topics, std::size_t limit);
  /// The delivery is done: the event is gone.
  [[nodiscard]] Result<void> confirm(const Event& event);
  /// The delivery failed: another attempt later, or the dead letters. Without effect when the lease has ended
  /// and somebody else has the event.
  [[nodiscard]] Result<void> fail_delivery(const Event& event, std::string_view error);
  /// Nobody tried after all: the event is due at once, and the attempt does not count.
  [[nodiscard]] Result<void> give_back(const Event& event);
  /// When the next event of these topics may be claimed; nullopt when none waits.
  [[nodiscard]] Result<std::optional<Instant>> next_due(const std::vector<std::string>& topics);
  /// Ends all leases. At start, where this process is the only one that delivers from the file: what a killed
  /// one had claimed need not wait.
  [[nodiscard]] Result<void> release_leases();

  [[nodiscard]] Result<std::vector<DeadEvent>> dead_letters(std::size_t limit);
  /// Puts a dead letter back, with all its attempts. Errors: not_found.
  [[nodiscard]] Result<void> revive(std::int64_t id);

 private:
  [[nodiscard]] Instant retry_time(int attempt);
  void tell_after(Transaction& transaction);

  Database& database_;
  const Clock& clock_;
  Random& random_;
  const OutboxOptions options_;
  std::mutex mutex_;
  std::function<void()> on_append_;
};

/// Delivers an outbox's events to handlers on a pool: one thread that sleeps until something is due.
class Dispatcher {
 public:
  /// An error is a failed attempt. Must bear repetition.
  using Handler = std::function<Result<void>(const Event&)>;

  struct Counters {
    std::uint64_t delivered = 0;
    std::uint64_t failed = 0;  ///< attempts
    std::uint64_t errors = 0;  ///< of the database itself
  };

  /// Starts. Outbox, clock and pool outlive it.
  Dispatcher(Outbox& outbox, const Clock& clock, WorkerPool& pool, std::map<std::string, Handler> handlers);
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;
  /// Waits for the deliveries under way.
  ~Dispatcher();

  /// Looks at once: the clock was set, say.
  void wake();
  [[nodiscard]] Counters counters() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sightline::store
