#pragma once
// A message into a queue.

#include "aws/dispatch/context.h"
#include "aws/sqs/model.h"
#include "aws/wire/service_error.h"
#include "cloud/queues/queues.h"

namespace sightline::aws::sqs {

[[nodiscard]] wire::Answer<SendMessageResult> send_message(const SendMessageRequest& request,
                                                           const dispatch::Context& context,
                                                           queues::Queues& queues);

}  // namespace sightline::aws::sqs
