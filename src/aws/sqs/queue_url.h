#pragma once
// A queue's address: the host and port by which the client came, then account and name.

#include <string>

#include "aws/dispatch/context.h"
#include "aws/wire/service_error.h"
#include "cloud/queues/queue.h"

namespace sightline::aws::sqs {

[[nodiscard]] std::string queue_arn(const queues::QueueKey& key);
[[nodiscard]] std::string queue_url(const queues::QueueKey& key, const dispatch::Context& context);

/// Whose host it names does not matter: the client may have come by another since. Errors: InvalidAddress,
/// AccessDenied for another account's.
[[nodiscard]] wire::Answer<queues::QueueKey> queue_of(const std::string& url,
                                                      const dispatch::Context& context);

}  // namespace sightline::aws::sqs
