#include "aws/sqs/operations.h"

#include "aws/sqs/model.h"
#include "aws/sqs/queue_operations.h"
#include "aws/sqs/queue_url.h"
#include "aws/sqs/receive_message.h"
#include "aws/sqs/send_message.h"

namespace sightline::aws::sqs {
namespace {

/// A message of 1 MiB whose every character is escaped, with room for the rest.
constexpr std::uint64_t kMaxMessageBody = std::uint64_t{8} << 20U;
constexpr std::uint64_t kMaxBody = std::uint64_t{1} << 20U;

template <typename Op, typename Handler>
void add(dispatch::Operations& operations, const Dependencies& dependencies, std::uint64_t max_body,
         const Handler& handler) {
  operations.unary<Op>(dependencies.quick, max_body,
                       [&queues = dependencies.queues, handler](const typename Op::Request& request,
                                                                const dispatch::Context& context) {
                         return handler(request, context, queues);
                       });
}

template <typename Op, typename Handler>
void park(dispatch::Operations& operations, const Dependencies& dependencies, std::uint64_t max_body,
          const Handler& handler) {
  operations.parked<Op>(
      dependencies.quick, max_body,
      [&queues = dependencies.queues, handler](
          const typename Op::Request& request, const dispatch::Context& context,
          dispatch::ParkedCall<Op> call) { handler(request, context, queues, std::move(call)); });
}

void add_resolvers(dispatch::Operations& operations) {
  using Texts = wire::Answer<std::vector<std::string>>;
  operations.resolver(kService, "queue",
                      [](const std::string* url, const dispatch::Context& context) -> Texts {
                        return std::vector{queue_arn(TRY(queue_of(url ? *url : std::string(), context)))};
                      });
  // Nobody may do anything in another account: its queues are as good as none.
  operations.resolver(kService, "queue_owner",
                      [](const std::string* account, const dispatch::Context& context) -> Texts {
                        if (account && *account != context.caller.account)
                          return wire::refuse(kQueueDoesNotExist, "The specified queue does not exist.");
                        return std::vector{context.caller.account};
                      });
}

}  // namespace

void add_operations(dispatch::Operations& operations, const Dependencies& dependencies) {
  add_resolvers(operations);
  add<CreateQueue>(operations, dependencies, kMaxBody, create_queue);
  add<GetQueueUrl>(operations, dependencies, kMaxBody, get_queue_url);
  add<DeleteQueue>(operations, dependencies, kMaxBody, delete_queue);
  park<SendMessage>(operations, dependencies, kMaxMessageBody, send_message);
  park<DeleteMessage>(operations, dependencies, kMaxBody, delete_message);
  park<ReceiveMessage>(operations, dependencies, kMaxBody, receive_message);
}

}  // namespace sightline::aws::sqs
