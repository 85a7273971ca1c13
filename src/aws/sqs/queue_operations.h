#pragma once
// Queues: made, found, deleted.

#include "aws/dispatch/context.h"
#include "aws/sqs/model.h"
#include "aws/wire/service_error.h"
#include "cloud/queues/queues.h"

namespace sightline::aws::sqs {

[[nodiscard]] wire::Answer<CreateQueueResult> create_queue(const CreateQueueRequest& request,
                                                           const dispatch::Context& context,
                                                           queues::Queues& queues);
[[nodiscard]] wire::Answer<GetQueueUrlResult> get_queue_url(const GetQueueUrlRequest& request,
                                                            const dispatch::Context& context,
                                                            queues::Queues& queues);
[[nodiscard]] wire::Answer<wire::Empty> delete_queue(const DeleteQueueRequest& request,
                                                     const dispatch::Context& context,
                                                     queues::Queues& queues);

}  // namespace sightline::aws::sqs
