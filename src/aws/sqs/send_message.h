#pragma once
// A message into a queue.

#include "aws/dispatch/context.h"
#include "aws/dispatch/parked_call.h"
#include "aws/sqs/model.h"
#include "aws/wire/service_error.h"
#include "cloud/queues/queues.h"

namespace sightline::aws::sqs {

/// Holds no thread until the message is on the disk.
void send_message(const SendMessageRequest& request, const dispatch::Context& context, queues::Queues& queues,
                  dispatch::ParkedCall<SendMessage> call);

}  // namespace sightline::aws::sqs
