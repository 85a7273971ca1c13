#include "cloud/bus/bus.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <iterator>
#include <utility>

#include "base/mutex.h"

namespace sightline::bus {
namespace {

using store::Dispatcher;
using store::Event;

/// Deliveries that share the commits of outbox and target.
constexpr std::size_t kAtOnce = 64;
constexpr std::size_t kThreads = 2;

Dispatcher::Refused refused(const Error& error) {
  const bool for_good = error.kind == ErrorKind::too_large || error.kind == ErrorKind::unsupported ||
                        error.kind == ErrorKind::invalid_argument ||
                        error.kind == ErrorKind::permission_denied;
  const bool own_trouble = error.kind == ErrorKind::no_space || error.kind == ErrorKind::io ||
                           error.kind == ErrorKind::unavailable;
  return {error.message, for_good, own_trouble};
}

}  // namespace

class Bus::Impl {
 public:
  Impl(store::Outbox& outbox, const Clock& clock, const Targets& targets, BusOptions options)
      : targets_(targets),
        options_(std::move(options)),
        pool_("events", kThreads, kMaxUnderWay),  // never full

        dispatcher_(outbox, clock, pool_, consumers(),
                    [this](const Event& event, std::string_view error) { on_given_up(event, error); }) {}

  void wake() { dispatcher_.wake(); }

  [[nodiscard]] BusCounters counters() const {
    const Dispatcher::Counters counters = dispatcher_.counters();
    return {counters.delivered, counters.failed,   counters.given_up, loops_,
            counters.errors,    counters.under_way};
  }

 private:
  /// What goes to one kind of targets, with its places among the events of a call.
  struct Group {
    std::vector<Delivery> deliveries;
    std::vector<std::size_t> places;
  };

  std::map<std::string, Dispatcher::Consumer> consumers() {
    Dispatcher::Consumer consumer;
    consumer.handle = [this](std::span<const Event> events) { return deliver(events); };
    consumer.policy = options_.policy;
    consumer.at_once = kAtOnce;
    consumer.confirmed = [this](std::span<const Event> events) { settle(events); };
    return {{options_.topic, std::move(consumer)}};
  }

  std::vector<Dispatcher::Outcome> deliver(std::span<const Event> events) {
    std::vector<Dispatcher::Outcome> outcomes(events.size());
    std::map<Target*, Group> groups;
    for (std::size_t i = 0; i < events.size(); ++i) {
      auto prepared = prepare(events[i]);
      if (!prepared) {
        outcomes[i] = std::unexpected(std::move(prepared).error());
        continue;
      }
      auto& [target, delivery] = *prepared;
      groups[target].deliveries.push_back(std::move(delivery));
      groups[target].places.push_back(i);
    }
    for (const auto& [target, group] : groups) hand_over(*target, group, outcomes);
    return outcomes;
  }

  std::expected<std::pair<Target*, Delivery>, Dispatcher::Refused> prepare(const Event& event) {
    const auto arn = parse_arn(event.target);
    Target* const target = arn ? targets_.find(arn->service) : nullptr;
    if (target == nullptr)
      return std::unexpected(
          Dispatcher::Refused{fmt::format("nothing here takes events for '{}'", event.target), true});
    Cause cause = event.cause.through(event.target);
    if (cause.passes(event.target) >= kLastPass || cause.depth() > kMaxDepth) {
      ++loops_;
      return std::unexpected(Dispatcher::Refused{
          fmt::format("a chain of events goes in a circle: it has come to '{}' {} times ({} passes in all); "
                      "what the target does must not cause the same event again",
                      event.target, cause.passes(event.target), cause.depth()),
          true});
    }
    auto message = options_.render(event);
    if (!message) return std::unexpected(refused(message.error()));
    Delivery delivery{id_of(event),
                      event.target,
                      std::move(message->publisher),
                      std::move(message->body),
                      std::move(message->trace_header),
                      std::move(cause)};
    return std::pair(target, std::move(delivery));
  }

  void hand_over(Target& target, const Group& group, std::vector<Dispatcher::Outcome>& outcomes) {
    std::vector<DeliveryId> settled = take_settled(target);
    const auto results = target.accept(group.deliveries, settled);
    bool any = false;
    for (std::size_t i = 0; i < results.size(); ++i) {
      any = any || results[i];
      if (!results[i]) outcomes[group.places[i]] = std::unexpected(refused(results[i].error()));
    }
    // Whether the target has heard of them is not known: said again, they do no harm.
    if (!any) put_settled(target, std::move(settled));
  }

  void settle(std::span<const Event> events) {
    for (const Event& event : events) {
      const auto arn = parse_arn(event.target);
      Target* const target = arn ? targets_.find(arn->service) : nullptr;
      if (target != nullptr) put_settled(*target, {id_of(event)});
    }
  }

  std::vector<DeliveryId> take_settled(Target& target) {
    const MutexLock lock(mutex_);
    return std::exchange(settled_[&target], {});
  }

  void put_settled(Target& target, std::vector<DeliveryId> ids) {
    const MutexLock lock(mutex_);
    auto& all = settled_[&target];
    all.insert(all.end(), std::make_move_iterator(ids.begin()), std::make_move_iterator(ids.end()));
  }

  void on_given_up(const Event& event, std::string_view error) const {
    if (options_.on_trouble)
      options_.on_trouble(
          fmt::format("an event of {} for '{}' was given up after {} attempts and is a dead letter: {}",
                      options_.source, event.target, event.attempt, error));
  }

  [[nodiscard]] DeliveryId id_of(const Event& event) const {
    return {options_.source, event.event, event.subscription};
  }

  const Targets& targets_;
  const BusOptions options_;
  std::atomic<std::uint64_t> loops_ = 0;
  Mutex mutex_;
  /// What is not yet reported to its target.
  std::map<Target*, std::vector<DeliveryId>> settled_ SIGHTLINE_GUARDED_BY(mutex_);
  WorkerPool pool_;
  Dispatcher dispatcher_;  ///< last: goes first
};

Bus::Bus(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Bus::~Bus() = default;

Result<std::unique_ptr<Bus>> Bus::start(store::Outbox& outbox, const Clock& clock, const Targets& targets,
                                        BusOptions options) {
  // They end by themselves: no reason not to start.
  const auto released = outbox.release_leases();
  if (!released && options.on_trouble)
    options.on_trouble(
        fmt::format("what was under way is delivered a minute later: {}", released.error().message));
  return std::unique_ptr<Bus>(new Bus(std::make_unique<Impl>(outbox, clock, targets, std::move(options))));
}

void Bus::wake() {
  impl_->wake();
}

BusCounters Bus::counters() const {
  return impl_->counters();
}

}  // namespace sightline::bus
