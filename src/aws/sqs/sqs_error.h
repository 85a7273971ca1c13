#pragma once
// What goes wrong with queues, in SQS's words.

#include <string>
#include <string_view>

#include "aws/wire/service_error.h"
#include "base/result.h"
#include "cloud/queues/queues.h"

namespace sightline::aws::sqs {

/// Of any operation on a queue: it does not exist, or the store failed.
[[nodiscard]] wire::ServiceError queue_error(const Error& error);
/// The error of a request to the queue `key` that has `details` wrong: that the queue is missing comes first.
[[nodiscard]] std::unexpected<wire::ServiceError> missing_queue_or(wire::ServiceError details,
                                                                   const queues::QueueKey& key,
                                                                   queues::Queues& queues);
[[nodiscard]] std::unexpected<wire::ServiceError> invalid_parameter(std::string message);
[[nodiscard]] std::unexpected<wire::ServiceError> unsupported(std::string_view what);

}  // namespace sightline::aws::sqs
