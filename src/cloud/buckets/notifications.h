#pragma once
// Whom a bucket notifies of what happens to its objects.
// Source of the events' names and of the rules: "Amazon S3 Event Notifications" in Amazon S3's user guide.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cloud/buckets/events.h"
#include "cloud/buckets/failure.h"

namespace sightline::buckets {

struct Notification {
  std::string id;      ///< unique in its bucket
  std::string target;  ///< ARN
  /// "s3:ObjectCreated:Put", "s3:ObjectRemoved:*"; also those that never happen here.
  std::vector<std::string> events;
  std::optional<std::string> prefix = {};  ///< of the keys; nullopt and empty pass all of them
  std::optional<std::string> suffix = {};
  bool operator==(const Notification&) const = default;
};

inline constexpr std::size_t kMaxNotifications = 100;  ///< of a bucket

/// As notifications name it: "s3:ObjectCreated:Put". Empty for Change::configured.
[[nodiscard]] std::string_view event_name(Change change);
[[nodiscard]] bool asks_for(const Notification& notification, Change change, std::string_view key);

/// Whether they may be those of one bucket: no change of an object may concern two of them. Problems:
/// too_many_notifications, notification_id_repeated, notifications_overlap, notification_filters_overlap.
[[nodiscard]] Answer<void> check_notifications(std::span<const Notification> notifications);

}  // namespace sightline::buckets
