#pragma once
// Messages out of a queue, waiting for them where the caller wants that, and their deletion.

#include "aws/dispatch/context.h"
#include "aws/dispatch/parked_call.h"
#include "aws/sqs/model.h"
#include "aws/wire/service_error.h"
#include "cloud/queues/queues.h"

namespace sightline::aws::sqs {

/// Holds no thread while it waits; ends when the client goes away or the server stops.
void receive_message(const ReceiveMessageRequest& request, const dispatch::Context& context,
                     queues::Queues& queues, dispatch::ParkedCall<ReceiveMessage> call);
/// Holds no thread until the disk knows.
void delete_message(const DeleteMessageRequest& request, const dispatch::Context& context,
                    queues::Queues& queues, dispatch::ParkedCall<DeleteMessage> call);

}  // namespace sightline::aws::sqs
