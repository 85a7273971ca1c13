#pragma once
// Delivers an outbox's events to consumers on a pool.

#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/worker_pool.h"
#include "store/events.h"

namespace sightline::store {

/// One thread that sleeps until something is due. Thread-safe.
class Dispatcher {
 public:
  /// Why an event was not delivered.
  struct Refused {
    std::string error;
    bool for_good = false;     ///< no further attempt
    bool own_trouble = false;  ///< of this server's disk or tables: does not count as an attempt
  };
  using Outcome = std::expected<void, Refused>;
  /// One outcome for each event, in their order. Called on the pool; must bear repetition. Who works longer
  /// than the policy's lease calls Outbox::renew() meanwhile.
  using Handler = std::function<std::vector<Outcome>(std::span<const Event>)>;

  /// How many events are under way at once, at most, and so how many calls.
  static constexpr std::size_t kMaxUnderWay = 256;

  struct Consumer {
    Handler handle;
    DeliveryPolicy policy = {};
    std::size_t at_once = 1;  ///< events of one call, at most
    /// Called once delivered events are gone from the outbox, and will not come again: not of one whose lease
    /// ended before it was delivered. May be empty.
    std::function<void(std::span<const Event>)> confirmed = {};
  };

  struct Counters {
    std::uint64_t delivered = 0;
    std::uint64_t failed = 0;    ///< attempts
    std::uint64_t given_up = 0;  ///< events
    std::uint64_t errors = 0;    ///< of the database itself
    std::size_t under_way = 0;   ///< events now; kMaxUnderWay at most
  };
  /// An event was given up; must be quick.
  using OnGivenUp = std::function<void(const Event&, std::string_view error)>;

  /// Starts. Outbox, clock and pool outlive it. `consumers` by topic.
  Dispatcher(Outbox& outbox, const Clock& clock, WorkerPool& pool, std::map<std::string, Consumer> consumers,
             OnGivenUp on_given_up = {});
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

/// A Handler out of one that takes one event; an error is a failed attempt.
[[nodiscard]] Dispatcher::Handler one_by_one(std::function<Result<void>(const Event&)> handler);

}  // namespace sightline::store
