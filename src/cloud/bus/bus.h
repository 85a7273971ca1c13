#pragma once
// Brings the events of an outbox to the targets of their subscriptions, again and again until these have
// taken them.
//
// A target takes a delivery into a queue of its own, in a transaction that knows it by its id; the bus runs
// no function and waits for none. A delivery that fails is tried again by the policy, for its subscription
// only; what is given up is a dead letter of the outbox.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "cloud/bus/target.h"
#include "store/dispatcher.h"

namespace sightline::bus {

/// The pass through one target in a chain of events that is not made any more: the chain goes in a circle.
inline constexpr int kLastPass = 16;
/// Nor is any beyond so many passes in all.
inline constexpr int kMaxDepth = 256;

/// An event in the words of the service that publishes it.
struct Message {
  Publisher publisher;
  std::string body;
  std::optional<std::string> trace_header;
};
using Render = std::function<Result<Message>(const store::Event&)>;

struct BusOptions {
  std::string source;  ///< name of the outbox, never changed: "buckets"
  std::string topic;   ///< of its events
  Render render;       ///< thread-safe
  store::DeliveryPolicy policy = {};
  /// A line for the log; thread-safe, quick, may be empty.
  std::function<void(std::string_view)> on_trouble = {};
};

struct BusCounters {
  std::uint64_t delivered = 0;
  std::uint64_t failed = 0;     ///< attempts
  std::uint64_t given_up = 0;   ///< deliveries that became dead letters
  std::uint64_t loops = 0;      ///< of those: because their chain went in a circle
  std::uint64_t errors = 0;     ///< of the outbox's database
  std::uint64_t under_way = 0;  ///< deliveries now
};
/// How many deliveries of a bus are under way at once, at most.
inline constexpr std::size_t kMaxUnderWay = store::Dispatcher::kMaxUnderWay;

/// Thread-safe. Outbox, clock and targets outlive it.
class Bus {
 public:
  /// Starts. Whatever a killed process had under way is due again.
  [[nodiscard]] static Result<std::unique_ptr<Bus>> start(store::Outbox& outbox, const Clock& clock,
                                                          const Targets& targets, BusOptions options);
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;
  /// Waits for the deliveries under way.
  ~Bus();

  /// Looks at once: the clock was set, say.
  void wake();
  [[nodiscard]] BusCounters counters() const;

 private:
  class Impl;
  explicit Bus(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sightline::bus
