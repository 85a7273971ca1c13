#pragma once
// What has to happen after a commit: a transactional outbox in the module's own database file.
//
// An event is appended in the transaction that causes it, so either both are there after a crash or neither.
// It has a row for each of its subscribers, found in that same transaction: attempts, ages and dead letters
// are those of a subscriber, and one that fails holds up no other. It is delivered at least once: a delivery
// that is not confirmed before its lease ends, because the process died or hangs, is made again. Whoever gets
// events therefore bears repetition, and knows one by Event::event and Event::subscription.
//
// Several consumers may share an outbox, each with its own topic and policy. Why, and what this is not (a log
// that readers follow): docs/adr/0024-events-that-are-delivered.md.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cause.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/random.h"
#include "store/database.h"

namespace sightline::store {

/// To be among the schemas of the file that holds an Outbox.
extern const Schema kEventsSchema;

struct NewEvent {
  std::string_view account;
  std::string_view region;
  std::string_view topic;  ///< whose consumer gets it
  BytesView payload;
  /// Events of one topic, key and subscriber are delivered one after the other, in the order in which they
  /// were committed; one that fails holds back those behind it until it is delivered or given up. Empty: in
  /// any order.
  BytesView ordering_key;
  std::optional<Instant> not_before;
  Cause cause = {};
};

/// Who is to get an event.
struct Subscriber {
  std::string_view id = {};      ///< unique among those of an event
  std::string_view target = {};  ///< an ARN, where it is delivered to something that has one
};

/// An event on its way to one subscriber.
struct Event {
  std::int64_t id = 0;        ///< of this delivery; rises in the order of commits
  std::int64_t sequence = 0;  ///< of the event: rises in the order of commits, the same for all subscribers
  std::string event;          ///< 32 hexadecimal digits by chance; the same for all subscribers
  std::string subscription;   ///< Subscriber::id
  std::string target;         ///< Subscriber::target
  std::string account;
  std::string region;
  std::string topic;
  std::vector<std::uint8_t> payload;
  Instant created;
  int attempt = 0;  ///< 1 for the first delivery
  Cause cause;
};

/// An event that was given up.
struct DeadEvent {
  Event event;
  Instant died;
  std::string error;  ///< of the last attempt
};

/// How a consumer's deliveries are made and given up.
struct DeliveryPolicy {
  std::chrono::milliseconds lease{60'000};       ///< how long a delivery may take, unless it is renewed
  std::chrono::milliseconds first_retry{1'000};  ///< doubled for each further one, half of it by chance
  std::chrono::milliseconds longest_retry{300'000};
  int max_attempts = 20;
  std::chrono::milliseconds max_age{86'400'000};  ///< at this age the attempt that fails is the last
};

struct OutboxOptions {
  std::int64_t max_waiting = 1'000'000;  ///< more are refused, with what causes them
  /// Beyond that the oldest dead letters go, of the account that has most.
  std::int64_t max_dead = 10'000;
  std::int64_t max_waiting_each = 250'000;  ///< of one account
  std::int64_t max_dead_each = 2'500;       ///< of one account; beyond that its oldest go
};

struct OutboxSizes {
  std::int64_t waiting = 0;  ///< not delivered yet, also those under way
  std::int64_t dead = 0;     ///< dead letters kept
};

/// The table. Thread-safe. Two processes may deliver from one file; each event goes to one of them at a time.
class Outbox {
 public:
  using Listener = std::function<void()>;

  Outbox(Database& database, const Clock& clock, Random& random, const OutboxOptions& options = {});

  /// Part of the caller's transaction. One subscriber without a name. Errors: unavailable (too many wait).
  [[nodiscard]] Result<void> append(Transaction& transaction, const NewEvent& event);
  /// The same for these subscribers; without any, nothing is appended.
  [[nodiscard]] Result<void> append(Transaction& transaction, const NewEvent& event,
                                    std::span<const Subscriber> subscribers);

  /// Called after each commit that appended something, until it is removed. Must be quick.
  using ListenerId = std::list<Listener>::iterator;
  [[nodiscard]] ListenerId add_listener(Listener listener);
  void remove_listener(ListenerId listener);

  /// Takes due events of a topic for the length of the policy's lease, the oldest first.
  [[nodiscard]] Result<std::vector<Event>> claim(std::string_view topic, std::size_t limit,
                                                 const DeliveryPolicy& policy = {});
  /// For who works longer: the lease begins anew. False when it has ended and somebody else may have the
  /// event.
  [[nodiscard]] Result<bool> renew(const Event& event, const DeliveryPolicy& policy = {});
  /// The deliveries are done: the events are gone, also where a lease has ended meanwhile and somebody else
  /// has the event, since what is delivered need not be delivered again. Returns those that nobody else has
  /// or has had since: they do not come again.
  [[nodiscard]] Result<std::vector<Event>> confirm(std::span<const Event> events);
  [[nodiscard]] Result<std::vector<Event>> confirm(const Event& event) {
    return confirm(std::span(&event, 1));
  }
  /// The delivery failed: another attempt later, or the dead letters. Returns whether it was given up.
  /// Without effect when the lease has ended and somebody else has the event.
  [[nodiscard]] Result<bool> fail_delivery(const Event& event, std::string_view error,
                                           const DeliveryPolicy& policy = {});
  /// No attempt can succeed: to the dead letters at once. Returns as fail_delivery().
  [[nodiscard]] Result<bool> give_up(const Event& event, std::string_view error);
  /// Nobody tried after all: the event is due after `pause`, and the attempt does not count.
  [[nodiscard]] Result<void> give_back(const Event& event, std::chrono::milliseconds pause = {});
  /// When the next event of these topics may be claimed; nullopt when none waits.
  [[nodiscard]] Result<std::optional<Instant>> next_due(std::span<const std::string> topics);
  /// Ends all leases. At start, where this process is the only one that delivers from the file: what a killed
  /// one had claimed need not wait. last_sizes() is right from then on.
  [[nodiscard]] Result<void> release_leases();

  [[nodiscard]] Result<OutboxSizes> sizes();
  /// As they were after the last commit that changed them. Never blocks.
  [[nodiscard]] OutboxSizes last_sizes() const { return {waiting_, dead_}; }
  [[nodiscard]] const OutboxOptions& options() const { return options_; }
  /// The oldest ones of an account.
  [[nodiscard]] Result<std::vector<DeadEvent>> dead_letters(std::string_view account, std::size_t limit);
  /// Puts dead letters of an account back, with all their attempts: each of these that there is. Returns how
  /// many. Errors: unavailable (too many wait; all stay dead).
  [[nodiscard]] Result<std::int64_t> revive(std::string_view account, std::span<const std::int64_t> ids);

 private:
  [[nodiscard]] Instant retry_time(int attempt, const DeliveryPolicy& policy);
  [[nodiscard]] Result<bool> bury(Transaction& transaction, const Event& event, std::string_view error);
  struct Counted {
    OutboxSizes all;
    OutboxSizes account;
  };
  /// Adds to what waits of an account, and to what is dead.
  [[nodiscard]] Result<Counted> count(Transaction& transaction, std::string_view account,
                                      const OutboxSizes& more);
  [[nodiscard]] static Result<OutboxSizes> count_account(Transaction& transaction, std::string_view account,
                                                         const OutboxSizes& more);
  /// Errors: unavailable.
  [[nodiscard]] Result<void> check_room(const Counted& counted) const;
  [[nodiscard]] Result<void> forget_dead(Transaction& transaction, std::string_view account,
                                         std::int64_t number);
  void remember_after_commit(Transaction& transaction, const OutboxSizes& sizes);
  void notify_after_commit(Transaction& transaction);

  Database& database_;
  const Clock& clock_;
  Random& random_;
  const OutboxOptions options_;
  std::atomic<std::int64_t> waiting_ = 0;
  std::atomic<std::int64_t> dead_ = 0;
  Mutex mutex_;
  std::list<Listener> listeners_ SIGHTLINE_GUARDED_BY(mutex_);
};

}  // namespace sightline::store
