#pragma once
// Queues as targets of events.

#include "cloud/bus/target.h"
#include "cloud/queues/queues.h"

namespace sightline::queues {

/// For ARNs of the service "sqs". Who publishes must belong to the queue's account, while queues have no
/// policies. Thread-safe; the queues outlive it.
class QueueTarget final : public bus::Target {
 public:
  explicit QueueTarget(Queues& queues) : queues_(queues) {}

  [[nodiscard]] Result<void> check(const bus::Arn& target, const bus::Publisher& publisher) override;
  [[nodiscard]] std::vector<Result<void>> accept(std::span<const bus::Delivery> deliveries,
                                                 std::span<const bus::DeliveryId> settled) override;

 private:
  Queues& queues_;
};

}  // namespace sightline::queues
