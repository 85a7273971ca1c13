#pragma once
// A standard queue: who it belongs to and how it treats its messages.
// Source of the names, limits and defaults: "CreateQueue" in Amazon SQS's API reference.

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace sightline::queues {

struct QueueKey {
  std::string account;
  std::string region;
  std::string name;
  auto operator<=>(const QueueKey&) const = default;
};

/// Times are in seconds.
struct QueueAttributes {
  std::int64_t visibility_timeout = 30;  ///< how long a message stays hidden from others once received
  std::int64_t delay = 0;                ///< how long a new one is hidden
  std::int64_t retention = 345'600;      ///< after that it is gone
  std::int64_t maximum_message_size = 1'048'576;  ///< in bytes, body and attributes
  std::int64_t receive_wait = 0;                  ///< how long a receiver waits that does not say
  bool operator==(const QueueAttributes&) const = default;
};

struct AttributeRule {
  std::string_view name;
  std::int64_t QueueAttributes::* value;
  std::int64_t least;
  std::int64_t most;
};

inline constexpr std::array<AttributeRule, 5> kAttributeRules{{
    {"VisibilityTimeout", &QueueAttributes::visibility_timeout, 0, 43'200},
    {"DelaySeconds", &QueueAttributes::delay, 0, 900},
    {"MessageRetentionPeriod", &QueueAttributes::retention, 60, 1'209'600},
    {"MaximumMessageSize", &QueueAttributes::maximum_message_size, 1'024, 1'048'576},
    {"ReceiveMessageWaitTimeSeconds", &QueueAttributes::receive_wait, 0, 20},
}};

/// An attribute that is asked for.
struct AttributeSetting {
  const AttributeRule* rule;
  std::int64_t value;
};

struct Queue {
  QueueKey key;
  QueueAttributes attributes;
  std::int64_t number = 0;  ///< tells a queue from a later one of the same name
};

/// 1 to 80 letters, digits, '-' and '_'.
[[nodiscard]] bool is_queue_name(std::string_view name);

}  // namespace sightline::queues
