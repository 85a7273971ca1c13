#include "aws/sqs/receive_message.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/sqs/queue_url.h"
#include "aws/sqs/sqs_error.h"

namespace sightline::aws::sqs {
namespace {

/// What of a message the caller wants to see besides its body.
struct Wanted {
  std::vector<std::string> system;   ///< names, or All
  std::vector<std::string> message;  ///< names, All, .*, or a prefix with .*
};

Wanted wanted_of(const ReceiveMessageRequest& request) {
  Wanted wanted;
  wanted.system = request.attribute_names.value_or(std::vector<std::string>());
  if (request.message_system_attribute_names)
    wanted.system.insert(wanted.system.end(), request.message_system_attribute_names->begin(),
                         request.message_system_attribute_names->end());
  wanted.message = request.message_attribute_names.value_or(std::vector<std::string>());
  return wanted;
}

bool wants_message_attribute(const Wanted& wanted, const std::string& name) {
  return std::ranges::any_of(wanted.message, [&](const std::string& pattern) {
    if (pattern == "All" || pattern == ".*" || pattern == name) return true;
    return pattern.ends_with(".*") && name.starts_with(pattern.substr(0, pattern.size() - 2));
  });
}

std::map<std::string, std::string> system_attributes(const queues::ReceivedMessage& message,
                                                     const Wanted& wanted) {
  std::map<std::string, std::string> all{
      {"SenderId", message.sender},
      {"SentTimestamp", std::to_string(message.sent.time_since_epoch().count())},
      {"ApproximateReceiveCount", std::to_string(message.receive_count)},
      {"ApproximateFirstReceiveTimestamp", std::to_string(message.first_received.time_since_epoch().count())},
  };
  if (message.trace_header) all.emplace("AWSTraceHeader", *message.trace_header);
  if (std::ranges::find(wanted.system, "All") == wanted.system.end())
    std::erase_if(all, [&](const auto& attribute) {
      return std::ranges::find(wanted.system, attribute.first) == wanted.system.end();
    });
  return all;
}

MessageAttributeValue value_of(const queues::MessageAttribute& attribute) {
  MessageAttributeValue value;
  value.data_type = attribute.type;
  if (attribute.is_binary()) {
    value.binary_value.emplace(attribute.value.begin(), attribute.value.end());
  } else {
    value.string_value = attribute.value;
  }
  return value;
}

Message answer_of(queues::ReceivedMessage received, const Wanted& wanted) {
  Message message;
  message.message_id = received.id;
  message.receipt_handle = received.receipt_handle;
  message.md5_of_body = queues::md5_hex(received.body);
  if (auto attributes = system_attributes(received, wanted); !attributes.empty())
    message.attributes = std::move(attributes);
  std::erase_if(received.attributes, [&](const queues::MessageAttribute& attribute) {
    return !wants_message_attribute(wanted, attribute.name);
  });
  if (!received.attributes.empty()) {
    // Of what is returned, since that is what clients compare it with.
    message.md5_of_message_attributes = queues::md5_of_attributes(received.attributes);
    auto& values = message.message_attributes.emplace();
    for (const queues::MessageAttribute& attribute : received.attributes)
      values.emplace(attribute.name, value_of(attribute));
  }
  message.body = std::move(received.body);
  return message;
}

/// The numbers of a request that have bounds.
struct BoundedNumbers {
  int max_messages = 1;
  std::optional<std::int64_t> visibility_timeout;
  std::optional<std::int64_t> wait;
};

/// Of the first that is out of its bounds, in the order in which the queues look at them.
std::string out_of_bounds(const BoundedNumbers& request) {
  if (request.max_messages < 1 || request.max_messages > queues::kMaxReceived) {
    return fmt::format(
        "Value {} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and {}, if "
        "provided.",
        request.max_messages, queues::kMaxReceived);
  }
  const auto words = [](std::string_view name, std::int64_t value, std::int64_t most) {
    return fmt::format("Value {} for parameter {} is invalid. Reason: Must be >= 0 and <= {}, if provided.",
                       value, name, most);
  };
  if (const auto timeout = request.visibility_timeout;
      timeout && (*timeout < 0 || *timeout > queues::kMaxVisibility))
    return words("VisibilityTimeout", *timeout, queues::kMaxVisibility);
  return words("WaitTimeSeconds", request.wait.value_or(0), queues::kMaxWait);
}

wire::ServiceError receive_error(const Error& error, const BoundedNumbers& numbers) {
  if (error.kind == ErrorKind::invalid_argument) return invalid_parameter(out_of_bounds(numbers)).error();
  if (error.kind == ErrorKind::unavailable) return wire::service_error(kOverLimit, error.message);
  return queue_error(error);
}

wire::Answer<queues::ReceiveRequest> request_of(const ReceiveMessageRequest& request,
                                                const dispatch::Context& context, queues::Queues& queues) {
  queues::ReceiveRequest receive;
  receive.queue = TRY(queue_of(*request.queue_url, context));
  if (request.receive_request_attempt_id) {
    auto details = invalid_parameter(
        fmt::format("Value {} for parameter ReceiveRequestAttemptId is invalid. Reason: The request includes "
                    "a parameter that is not valid for this queue type.",
                    *request.receive_request_attempt_id));
    return missing_queue_or(std::move(details).error(), receive.queue, queues);
  }
  receive.max_messages = request.max_number_of_messages.value_or(1);
  receive.visibility_timeout = request.visibility_timeout;
  receive.wait = request.wait_time_seconds;
  return receive;
}

}  // namespace

void receive_message(const ReceiveMessageRequest& request, const dispatch::Context& context,
                     queues::Queues& queues, dispatch::ParkedCall<ReceiveMessage> call) {
  auto receive = request_of(request, context, queues);
  if (!receive) return std::move(call).refuse(receive.error());
  std::stop_source stop;
  call.on_cancel([stop](net::Cancelled) mutable { stop.request_stop(); });
  const BoundedNumbers numbers{receive->max_messages, receive->visibility_timeout, receive->wait};
  queues.receive(*std::move(receive), stop.get_token(),
                 [call = std::move(call), wanted = wanted_of(request),
                  numbers](Result<std::vector<queues::ReceivedMessage>> messages) mutable {
                   if (!messages) return std::move(call).refuse(receive_error(messages.error(), numbers));
                   ReceiveMessageResult result;
                   for (queues::ReceivedMessage& message : *messages) {
                     if (!result.messages) result.messages.emplace();
                     result.messages->push_back(answer_of(std::move(message), wanted));
                   }
                   std::move(call).answer(result);
                 });
}

void delete_message(const DeleteMessageRequest& request, const dispatch::Context& context,
                    queues::Queues& queues, dispatch::ParkedCall<DeleteMessage> call) {
  const auto key = queue_of(*request.queue_url, context);
  if (!key) return std::move(call).refuse(key.error());
  queues.remove_message(
      *key, *request.receipt_handle,
      [call = std::move(call), handle = *request.receipt_handle](const Result<void>& removed) mutable {
        if (removed) return std::move(call).answer(wire::Empty{});
        if (removed.error().kind != ErrorKind::invalid_argument)
          return std::move(call).refuse(queue_error(removed.error()));
        std::move(call).refuse(wire::service_error(
            kReceiptHandleIsInvalid,
            fmt::format("The input receipt handle \"{}\" is not a valid receipt handle.", handle)));
      });
}

}  // namespace sightline::aws::sqs
