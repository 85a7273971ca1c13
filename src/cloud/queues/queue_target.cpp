#include "cloud/queues/queue_target.h"

#include <fmt/format.h>

namespace sightline::queues {
namespace {

QueueKey key_of(const bus::Arn& arn) {
  return {arn.account, arn.region, arn.resource};
}

/// Where a delivery goes. Errors: permission_denied, invalid_argument.
Result<QueueKey> queue_for(const bus::Delivery& delivery) {
  const auto arn = bus::parse_arn(delivery.target);
  if (!arn) return fail(ErrorKind::invalid_argument, fmt::format("'{}' is no ARN", delivery.target));
  if (arn->account != delivery.publisher.account)
    return fail(ErrorKind::permission_denied,
                fmt::format("'{}' belongs to another account", delivery.target));
  return key_of(*arn);
}

}  // namespace

Result<void> QueueTarget::check(const bus::Arn& target, const bus::Publisher& publisher) {
  // Whether another account has such a queue is nobody's business.
  if (target.account != publisher.account)
    return fail(ErrorKind::permission_denied, "the queue belongs to another account");
  TRY(queues_.find(key_of(target)));
  return {};
}

std::vector<Result<void>> QueueTarget::accept(std::span<const bus::Delivery> deliveries,
                                              std::span<const bus::DeliveryId> settled) {
  std::vector<Result<void>> results(deliveries.size());
  std::vector<Arrival> arrivals;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < deliveries.size(); ++i) {
    const bus::Delivery& delivery = deliveries[i];
    auto key = queue_for(delivery);
    if (!key) {
      results[i] = std::unexpected(std::move(key).error());
      continue;
    }
    NewMessage message;
    message.body = delivery.body;
    message.sender = delivery.publisher.service;
    message.trace_header = delivery.trace_header;
    message.cause = delivery.cause;
    arrivals.push_back({delivery.id, *std::move(key), std::move(message)});
    places.push_back(i);
  }
  auto accepted = queues_.accept(std::move(arrivals), settled);
  for (std::size_t i = 0; i < places.size(); ++i) results[places[i]] = std::move(accepted[i]);
  return results;
}

}  // namespace sightline::queues
