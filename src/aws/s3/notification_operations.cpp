#include "aws/s3/notification_operations.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/s3/checksums.h"
#include "aws/s3/copy_source.h"
#include "aws/s3/event_message.h"
#include "aws/s3/origin.h"
#include "aws/s3/request_checks.h"
#include "aws/s3/s3_error.h"
#include "aws/wire/xml_reader.h"
#include "base/ascii.h"

namespace sightline::aws::s3 {
namespace {

using buckets::Buckets;
using buckets::Notification;
using dispatch::Context;
using wire::Answer;

constexpr std::uint64_t kMaxNotificationBody = std::uint64_t{1} << 20U;
constexpr std::size_t kMaxId = 255;
constexpr std::size_t kMaxFilter = 1024;

/// What notifications may go to.
struct Kind {
  const char* element;  ///< that has the ARN, in the request and in errors
  std::string_view service;
  const char* name;     ///< in the answer to who wants one that is not served
  const char* missing;  ///< in the answer to who names one that is not there
};

constexpr Kind kQueue{"Queue", "sqs", "Amazon SQS queues", "The destination queue does not exist"};
constexpr Kind kTopic{"Topic", "sns", "Amazon SNS topics", "The destination topic does not exist"};
constexpr Kind kFunction{"CloudFunction", "lambda", "AWS Lambda functions",
                         "The destination Lambda does not exist"};

/// What S3 reports, whether or not it happens here.
constexpr std::string_view kEvents[] = {"s3:ReducedRedundancyLostObject",
                                        "s3:ObjectCreated:*",
                                        "s3:ObjectCreated:Put",
                                        "s3:ObjectCreated:Post",
                                        "s3:ObjectCreated:Copy",
                                        "s3:ObjectCreated:CompleteMultipartUpload",
                                        "s3:ObjectRemoved:*",
                                        "s3:ObjectRemoved:Delete",
                                        "s3:ObjectRemoved:DeleteMarkerCreated",
                                        "s3:ObjectRestore:*",
                                        "s3:ObjectRestore:Post",
                                        "s3:ObjectRestore:Completed",
                                        "s3:ObjectRestore:Delete",
                                        "s3:Replication:*",
                                        "s3:Replication:OperationFailedReplication",
                                        "s3:Replication:OperationNotTracked",
                                        "s3:Replication:OperationMissedThreshold",
                                        "s3:Replication:OperationReplicatedAfterThreshold",
                                        "s3:LifecycleTransition",
                                        "s3:IntelligentTiering",
                                        "s3:ObjectAcl:Put",
                                        "s3:LifecycleExpiration:*",
                                        "s3:LifecycleExpiration:Delete",
                                        "s3:LifecycleExpiration:DeleteMarkerCreated",
                                        "s3:ObjectTagging:*",
                                        "s3:ObjectTagging:Put",
                                        "s3:ObjectTagging:Delete",
                                        "s3:ObjectAnnotation:*",
                                        "s3:ObjectAnnotation:Put",
                                        "s3:ObjectAnnotation:Delete",
                                        "s3:ObjectRetention:Put"};

std::unexpected<wire::ServiceError> invalid(std::string message, std::string name, std::string value) {
  auto error = wire::service_error(kInvalidArgument, std::move(message));
  error.details = {{"ArgumentName", std::move(name)}, {"ArgumentValue", std::move(value)}};
  return std::unexpected(std::move(error));
}

/// The model lists them too; S3's words about another one are its own.
Answer<void> check_events(const std::vector<std::string>& events) {
  if (events.empty()) return wire::refuse_xml(kService);
  for (const std::string& event : events) {
    if (std::ranges::find(kEvents, event) == std::end(kEvents))
      return invalid("The event is not supported for notifications", "Event", event);
  }
  return {};
}

/// A notification, and where it goes.
struct Asked {
  Notification notification;
  const Kind* kind = nullptr;
  bus::Arn arn;
  bus::Target* target = nullptr;
};

Answer<void> read_rule(const FilterRule& rule, Notification& notification) {
  if (!rule.name || !rule.value) return wire::refuse_xml(kService);
  const std::string name = to_lower(*rule.name);
  if (name != "prefix" && name != "suffix")
    return invalid("filter rule name must be either prefix or suffix", "FilterRule.Name", *rule.name);
  if (rule.value->size() > kMaxFilter)
    return invalid("Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation",
                   "FilterRule.Value", *rule.value);
  auto& filter = name == "prefix" ? notification.prefix : notification.suffix;
  if (filter)
    return invalid(fmt::format("Cannot specify more than one {} rule in a filter.", name), "FilterRule.Name",
                   name);
  filter = *rule.value;
  return {};
}

/// Those of a request, with what is wrong about them by themselves.
class RequestReader {
 public:
  RequestReader(const Context& context, const bus::Targets& targets, const buckets::Bucket& bucket)
      : context_(context), targets_(targets), bucket_(bucket) {}

  /// `arn` is the member that has it.
  template <typename Configuration>
  Answer<void> add(const Kind& kind, std::optional<std::string> Configuration::* arn,
                   const std::optional<std::vector<Configuration>>& configurations) {
    for (const Configuration& one : configurations.value_or(std::vector<Configuration>())) {
      Asked asked;
      asked.kind = &kind;
      asked.notification.target = *(one.*arn);
      TRY(check_events(*one.events));
      // Each once: checking pairs of configurations takes the product of their events.
      for (const std::string& event : *one.events) {
        if (std::ranges::find(asked.notification.events, event) == asked.notification.events.end())
          asked.notification.events.push_back(event);
      }
      asked.notification.id =
          one.id && !one.id->empty() ? *one.id : fmt::format("{}-{}", context_.request_id, asked_.size() + 1);
      if (asked.notification.id.size() > kMaxId)
        return invalid("The ID of a configuration has 255 characters at most", "Id", asked.notification.id);
      TRY(find_target(asked));
      if (one.filter && one.filter->key && one.filter->key->filter_rules)
        for (const FilterRule& rule : *one.filter->key->filter_rules)
          TRY(read_rule(rule, asked.notification));
      asked_.push_back(std::move(asked));
    }
    return {};
  }

  [[nodiscard]] const std::vector<Asked>& asked() const { return asked_; }

 private:
  Answer<void> find_target(Asked& asked) {
    const Kind& kind = *asked.kind;
    asked.target = targets_.find(kind.service);
    if (asked.target == nullptr)
      return wire::refuse(kNotImplemented,
                          fmt::format("Notifications to {} are not implemented.", kind.name));
    const auto arn = bus::parse_arn(asked.notification.target);
    if (!arn || arn->service != kind.service)
      return invalid("The ARN could not be parsed", kind.element, asked.notification.target);
    if (arn->region != bucket_.region)
      return invalid(
          "The notification destination service region is not valid for the bucket location constraint",
          kind.element, asked.notification.target);
    asked.arn = *arn;
    return {};
  }

  const Context& context_;
  const bus::Targets& targets_;
  const buckets::Bucket& bucket_;
  std::vector<Asked> asked_;
};

/// Whether each destination is there and may be notified.
Answer<void> check_destinations(const std::vector<Asked>& asked, const bus::Publisher& publisher) {
  auto error =
      wire::service_error(kInvalidArgument, "Unable to validate the following destination configurations");
  for (const Asked& one : asked) {
    const auto checked = one.target->check(one.arn, publisher);
    if (checked) continue;
    std::string why;
    if (checked.error().kind == ErrorKind::not_found) {
      why = one.kind->missing;
    } else if (checked.error().kind == ErrorKind::permission_denied) {
      why = fmt::format(
          "Permissions on the destination {} do not allow S3 to publish notifications from this bucket",
          to_lower(one.kind->element));
    } else {
      return std::unexpected(wire::internal_error(kService, checked.error().message));
    }
    const std::size_t number = error.details.size() / 2 + 1;
    error.details.emplace_back(fmt::format("ArgumentName{}", number), one.notification.target);
    error.details.emplace_back(fmt::format("ArgumentValue{}", number), std::move(why));
  }
  if (!error.details.empty()) return std::unexpected(std::move(error));
  return {};
}

Answer<wire::Empty> put_notifications(const PutBucketNotificationConfigurationRequest& request,
                                      const Context& context, Buckets& buckets, const bus::Targets& targets) {
  const std::string account = TRY(check_and_find_owner(request, context, buckets));
  const Subject subject = subject_of(request);
  const auto bucket = TRY(to_service_error(buckets.find_bucket(account, *request.bucket), subject));
  const NotificationConfiguration& wanted = *request.notification_configuration;
  if (wanted.event_bridge_configuration)
    return wire::refuse(kNotImplemented, "Notifications to Amazon EventBridge are not implemented.");
  RequestReader reader(context, targets, bucket);
  TRY(reader.add(kTopic, &TopicConfiguration::topic_arn, wanted.topic_configurations));
  TRY(reader.add(kQueue, &QueueConfiguration::queue_arn, wanted.queue_configurations));
  TRY(reader.add(kFunction, &LambdaFunctionConfiguration::lambda_function_arn,
                 wanted.lambda_function_configurations));
  std::vector<Notification> notifications;
  for (const Asked& one : reader.asked()) notifications.push_back(one.notification);
  TRY(to_service_error(buckets::check_notifications(notifications), subject));
  const bool skip = request.skip_destination_validation.value_or(false);
  if (!skip)
    TRY(check_destinations(reader.asked(),
                           {std::string(kServicePrincipal), account, bucket_arn(*request.bucket)}));
  TRY(to_service_error(
      buckets.set_notifications(account, *request.bucket, notifications, !skip, origin_of(context)),
      subject));
  return wire::Empty{};
}

std::optional<NotificationConfigurationFilter> filter_of(const Notification& notification) {
  if (!notification.prefix && !notification.suffix) return std::nullopt;
  NotificationConfigurationFilter filter;
  auto& rules = filter.key.emplace().filter_rules.emplace();
  if (notification.prefix) rules.push_back({.name = "Prefix", .value = notification.prefix});
  if (notification.suffix) rules.push_back({.name = "Suffix", .value = notification.suffix});
  return filter;
}

template <typename Configuration>
void add_configuration(const Notification& notification, std::optional<std::string> Configuration::* arn,
                       std::optional<std::vector<Configuration>>& list) {
  if (!list) list.emplace();
  Configuration& configuration = list->emplace_back();
  configuration.id = notification.id;
  configuration.*arn = notification.target;
  configuration.events = notification.events;
  configuration.filter = filter_of(notification);
}

Answer<NotificationConfiguration> get_notifications(const GetBucketNotificationConfigurationRequest& request,
                                                    const Context& context, Buckets& buckets) {
  const std::string account = TRY(check_and_find_owner(request, context, buckets));
  NotificationConfiguration output;
  for (const Notification& one :
       TRY(to_service_error(buckets.notifications(account, *request.bucket), subject_of(request)))) {
    const auto arn = bus::parse_arn(one.target);
    const std::string service = arn ? arn->service : "";
    if (service == kTopic.service) {
      add_configuration(one, &TopicConfiguration::topic_arn, output.topic_configurations);
    } else if (service == kFunction.service) {
      add_configuration(one, &LambdaFunctionConfiguration::lambda_function_arn,
                        output.lambda_function_configurations);
    } else {
      add_configuration(one, &QueueConfiguration::queue_arn, output.queue_configurations);
    }
  }
  return output;
}

}  // namespace

void add_notification_operations(dispatch::Operations& operations, const Dependencies& dependencies) {
  operations.unary<PutBucketNotificationConfiguration>(
      dependencies.quick, kMaxNotificationBody,
      [&buckets = dependencies.buckets, &targets = dependencies.targets](
          const PutBucketNotificationConfigurationRequest& request, const Context& context) {
        return put_notifications(request, context, buckets, targets);
      },
      [](const wire::HttpRequest& body) -> Answer<void> {
        // S3 asks for none here.
        TRY(check_declared(body));
        return {};
      });
  add_unary<GetBucketNotificationConfiguration>(operations, dependencies.quick, 0, dependencies.buckets,
                                                &get_notifications);
}

}  // namespace sightline::aws::s3
