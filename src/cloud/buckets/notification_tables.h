#pragma once
// The table of notifications.

#include <vector>

#include "cloud/buckets/notifications.h"
#include "cloud/buckets/tables.h"

namespace sightline::buckets {

inline constexpr std::string_view kInsertNotification =
    "INSERT INTO notifications (account, region, bucket, position, id, target, events, prefix, suffix) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
inline constexpr std::string_view kNotifications =
    "SELECT id, target, events, prefix, suffix FROM notifications "
    "WHERE account = $1 AND region = $2 AND bucket = $3 ORDER BY position";
inline constexpr std::string_view kDeleteNotifications =
    "DELETE FROM notifications WHERE account = $1 AND region = $2 AND bucket = $3";

namespace tables {

/// In place of all that were there.
Result<void> put_notifications(store::Transaction& transaction, const BucketRow& bucket,
                               std::span<const Notification> notifications);
Result<std::vector<Notification>> notifications(store::Transaction& transaction, const BucketRow& bucket);

}  // namespace tables
}  // namespace sightline::buckets
