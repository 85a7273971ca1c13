#pragma once
// Where events go: kinds of targets (queues; later functions and topics), each with a queue of its own.
//
// The domain that has a kind implements Target, and assembly registers it by the service of its ARNs. So
// whoever publishes includes no target, and no target its publishers.

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cause.h"
#include "base/clock.h"
#include "base/result.h"
#include "cloud/bus/arn.h"

namespace sightline::bus {

/// Distinguishes one delivery from all others. It comes again with the same id until the target has taken it.
struct DeliveryId {
  std::string source;        ///< the outbox that it comes from: "buckets"
  std::string event;         ///< the same for all subscriptions
  std::string subscription;  ///< unique within the event
};

/// Who publishes: what permissions are decided by.
struct Publisher {
  std::string service;   ///< as principals are called: "s3.amazonaws.com"
  std::string account;   ///< that owns the resource
  std::string resource;  ///< ARN of what the event is about
};

/// What one subscription gets of one event.
struct Delivery {
  DeliveryId id;
  std::string target;  ///< ARN
  Publisher publisher;
  std::string body;  ///< UTF-8, in the words of the publishing service
  std::optional<std::string> trace_header;
  Cause cause;  ///< with this pass: what the target does because of it carries it on
};

/// A kind of targets. Thread-safe.
class Target {
 public:
  Target() = default;
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;
  virtual ~Target() = default;

  /// Whether such events can be delivered there. Errors: not_found, permission_denied.
  [[nodiscard]] virtual Result<void> check(const Arn& target, const Publisher& publisher) = 0;

  /// Puts each into the queue of its target, and returns once that is durable; nothing is run here. What is
  /// there by its id is not put again. One result for each, in their order: too_large, unsupported and
  /// invalid_argument will not be tried again.
  /// `settled`: deliveries that will not come again, so that their ids may be forgotten.
  [[nodiscard]] virtual std::vector<Result<void>> accept(std::span<const Delivery> deliveries,
                                                         std::span<const DeliveryId> settled) = 0;
};

/// Kinds by service. Filled at assembly, then constant. They outlive it.
class Targets {
 public:
  /// `service` as in ARNs: "sqs".
  void add(std::string service, Target& target) { targets_.insert_or_assign(std::move(service), &target); }
  /// Null for a service that is no target here.
  [[nodiscard]] Target* find(std::string_view service) const {
    const auto found = targets_.find(service);
    return found == targets_.end() ? nullptr : found->second;
  }

 private:
  std::map<std::string, Target*, std::less<>> targets_;
};

}  // namespace sightline::bus
