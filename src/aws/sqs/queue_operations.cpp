#include "aws/sqs/queue_operations.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "aws/sqs/queue_url.h"
#include "aws/sqs/sqs_error.h"

namespace sightline::aws::sqs {
namespace {

/// What SQS knows and is not carried out here.
constexpr std::array<std::string_view, 12> kUnsupportedAttributes{"Policy",
                                                                  "RedrivePolicy",
                                                                  "RedriveAllowPolicy",
                                                                  "KmsMasterKeyId",
                                                                  "KmsDataKeyReusePeriodSeconds",
                                                                  "SqsManagedSseEnabled",
                                                                  "FifoQueue",
                                                                  "ContentBasedDeduplication",
                                                                  "DeduplicationScope",
                                                                  "FifoThroughputLimit",
                                                                  "maxReceiveCount",
                                                                  "deadLetterTargetArn"};

std::unexpected<wire::ServiceError> invalid_value(std::string_view name) {
  return wire::refuse(kInvalidAttributeValue, fmt::format("Invalid value for the parameter {}.", name));
}

wire::Answer<queues::AttributeSetting> setting_of(const std::string& name, const std::string& value) {
  const auto rule = std::ranges::find(queues::kAttributeRules, name, &queues::AttributeRule::name);
  if (rule == queues::kAttributeRules.end()) {
    if (std::ranges::find(kUnsupportedAttributes, name) != kUnsupportedAttributes.end())
      return unsupported(fmt::format("The attribute {}", name));
    return wire::refuse(kInvalidAttributeName, fmt::format("Unknown Attribute {}.", name));
  }
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size() || number < rule->least ||
      number > rule->most)
    return invalid_value(name);
  return queues::AttributeSetting{&*rule, number};
}

}  // namespace

wire::Answer<CreateQueueResult> create_queue(const CreateQueueRequest& request,
                                             const dispatch::Context& context, queues::Queues& queues) {
  if (request.queue_name->ends_with(".fifo")) return unsupported("A FIFO queue");
  if (request.tags && !request.tags->empty()) return unsupported("A queue's tags");
  std::vector<queues::AttributeSetting> settings;
  if (request.attributes) {
    for (const auto& [name, value] : *request.attributes) settings.push_back(TRY(setting_of(name, value)));
  }
  const auto queue = queues.create({context.caller.account, context.region, *request.queue_name}, settings);
  if (queue) return CreateQueueResult{queue_url(queue->key, context)};
  switch (queue.error().kind) {
    case ErrorKind::already_exists:
      return wire::refuse(
          kQueueNameExists,
          fmt::format("A queue already exists with the same name and a different value for attribute {}",
                      queue.error().message));
    case ErrorKind::invalid_argument:  // its name: the values of its attributes have been looked at
      return invalid_parameter(
          "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
    default:
      return std::unexpected(queue_error(queue.error()));
  }
}

wire::Answer<GetQueueUrlResult> get_queue_url(const GetQueueUrlRequest& request,
                                              const dispatch::Context& context, queues::Queues& queues) {
  const auto queue = queues.find({context.caller.account, context.region, *request.queue_name});
  if (!queue) return std::unexpected(queue_error(queue.error()));
  return GetQueueUrlResult{queue_url(queue->key, context)};
}

wire::Answer<wire::Empty> delete_queue(const DeleteQueueRequest& request, const dispatch::Context& context,
                                       queues::Queues& queues) {
  const auto removed = queues.remove(TRY(queue_of(*request.queue_url, context)));
  if (!removed) return std::unexpected(queue_error(removed.error()));
  return wire::Empty{};
}

}  // namespace sightline::aws::sqs
