#include "aws/sqs/send_message.h"

#include <fmt/format.h>

#include "aws/sqs/queue_url.h"
#include "aws/sqs/sqs_error.h"

namespace sightline::aws::sqs {
namespace {

// A code of every query service that the model does not name.
constexpr wire::ErrorType kMissingParameter{"MissingRequiredParameterException", "MissingParameter", 400,
                                            wire::Fault::sender};

wire::Answer<queues::MessageAttribute> attribute_of(const std::string& name,
                                                    const MessageAttributeValue& value) {
  if (value.string_list_values || value.binary_list_values)
    return unsupported("A list of values in a message attribute");
  queues::MessageAttribute attribute{name, value.data_type.value_or(""), ""};
  const bool binary = attribute.is_binary();
  if (binary ? value.string_value.has_value() : value.binary_value.has_value())
    return invalid_parameter(fmt::format("The message attribute '{}' with type '{}' must use field '{}'.",
                                         name, attribute.type.substr(0, 256), binary ? "Binary" : "String"));
  if (binary && value.binary_value)
    attribute.value.assign(value.binary_value->begin(), value.binary_value->end());
  if (!binary && value.string_value) attribute.value = *value.string_value;
  return attribute;
}

wire::Answer<std::optional<std::string>> trace_header_of(const SendMessageRequest& request) {
  if (!request.message_system_attributes) return std::nullopt;
  std::optional<std::string> header;
  for (const auto& [name, value] : *request.message_system_attributes) {
    if (name != "AWSTraceHeader")
      return invalid_parameter(fmt::format("Message system attribute name '{}' is invalid.", name));
    if (value.data_type != "String" || !value.string_value || value.string_value->empty())
      return invalid_parameter("The message system attribute 'AWSTraceHeader' must have a String value.");
    header = value.string_value;
  }
  return header;
}

wire::Answer<queues::NewMessage> message_of(const SendMessageRequest& request,
                                            const dispatch::Context& context) {
  if (request.message_group_id || request.message_deduplication_id)
    return invalid_parameter(
        fmt::format("Value {} for parameter {} is invalid. Reason: The request includes a parameter that is "
                    "not valid for this queue type.",
                    request.message_group_id ? *request.message_group_id : *request.message_deduplication_id,
                    request.message_group_id ? "MessageGroupId" : "MessageDeduplicationId"));
  if (request.message_body->empty())
    return wire::refuse(kMissingParameter, "The request must contain the parameter MessageBody.");
  queues::NewMessage message;
  message.body = *request.message_body;
  message.sender = context.caller.id;
  message.cause = context.cause;
  message.trace_header = TRY(trace_header_of(request));
  if (request.delay_seconds) message.delay = *request.delay_seconds;
  if (request.message_attributes) {
    for (const auto& [name, value] : *request.message_attributes)
      message.attributes.push_back(TRY(attribute_of(name, value)));
  }
  return message;
}

wire::ServiceError send_error(const Error& error) {
  switch (error.kind) {
    case ErrorKind::unsupported:
      return wire::service_error(kInvalidMessageContents, error.message);
    case ErrorKind::invalid_argument:
    case ErrorKind::too_large:
      return invalid_parameter(error.message).error();
    default:
      return queue_error(error);
  }
}

}  // namespace

void send_message(const SendMessageRequest& request, const dispatch::Context& context, queues::Queues& queues,
                  dispatch::ParkedCall<SendMessage> call) {
  const auto key = queue_of(*request.queue_url, context);
  if (!key) return std::move(call).refuse(key.error());
  auto message = message_of(request, context);
  if (!message) return std::move(call).refuse(missing_queue_or(message.error(), *key, queues).error());
  SendMessageResult result;
  if (const auto& trace = message->trace_header)
    result.md5_of_message_system_attributes =
        queues::md5_of_attributes({{"AWSTraceHeader", "String", *trace}});
  queues.send(
      *key, *std::move(message),
      [call = std::move(call), result = std::move(result)](Result<queues::Queues::Sent> sent) mutable {
        if (!sent) return std::move(call).refuse(send_error(sent.error()));
        result.message_id = sent->id;
        result.md5_of_message_body = sent->md5_of_body;
        if (!sent->md5_of_attributes.empty()) result.md5_of_message_attributes = sent->md5_of_attributes;
        std::move(call).answer(result);
      });
}

}  // namespace sightline::aws::sqs
