#include "cloud/buckets/notifications.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cloud/buckets/buckets.h"
#include "cloud/buckets/lookup.h"
#include "cloud/buckets/notification_tables.h"
#include "cloud/buckets/transact.h"

namespace sightline::buckets {
namespace {

constexpr std::string_view kAny = ":*";

/// "s3:ObjectCreated:*" has "s3:ObjectCreated:Put", and itself.
bool has_event(std::string_view pattern, std::string_view event) {
  if (pattern == event) return true;
  return pattern.ends_with(kAny) && event.starts_with(pattern.substr(0, pattern.size() - 1));
}

std::string_view filter_of(const std::optional<std::string>& filter) {
  return filter ? std::string_view(*filter) : std::string_view();
}

/// Whether a key may pass the filters of both.
bool filters_overlap(const Notification& a, const Notification& b) {
  const std::string_view prefix_a = filter_of(a.prefix);
  const std::string_view prefix_b = filter_of(b.prefix);
  const std::string_view suffix_a = filter_of(a.suffix);
  const std::string_view suffix_b = filter_of(b.suffix);
  return (prefix_a.starts_with(prefix_b) || prefix_b.starts_with(prefix_a)) &&
         (suffix_a.ends_with(suffix_b) || suffix_b.ends_with(suffix_a));
}

bool is_filtered(const Notification& notification) {
  return !filter_of(notification.prefix).empty() || !filter_of(notification.suffix).empty();
}

Answer<void> check_pair(const Notification& a, const Notification& b) {
  if (!filters_overlap(a, b)) return {};
  for (const std::string& one : a.events) {
    for (const std::string& other : b.events) {
      if (!has_event(one, other) && !has_event(other, one)) continue;
      const bool filtered = is_filtered(a) || is_filtered(b);
      return refuse(filtered ? Problem::notification_filters_overlap : Problem::notifications_overlap,
                    fmt::format("notifications '{}' and '{}' overlap", a.id, b.id),
                    {.events = fmt::format("{}, {}", one, other)});
    }
  }
  return {};
}

}  // namespace

std::string_view event_name(Change change) {
  switch (change) {
    case Change::put:
      return "s3:ObjectCreated:Put";
    case Change::copied:
      return "s3:ObjectCreated:Copy";
    case Change::uploaded_in_parts:
      return "s3:ObjectCreated:CompleteMultipartUpload";
    case Change::deleted:
      return "s3:ObjectRemoved:Delete";
    case Change::configured:
      break;
  }
  return {};
}

bool asks_for(const Notification& notification, Change change, std::string_view key) {
  return key.starts_with(filter_of(notification.prefix)) && key.ends_with(filter_of(notification.suffix)) &&
         std::ranges::any_of(notification.events, [&](const std::string& pattern) {
           return has_event(pattern, event_name(change));
         });
}

Answer<void> check_notifications(std::span<const Notification> notifications) {
  if (notifications.size() > kMaxNotifications)
    return refuse(Problem::too_many_notifications,
                  fmt::format("a bucket has {} notifications at most", kMaxNotifications));
  std::set<std::string_view> ids;
  for (const Notification& notification : notifications) {
    if (!ids.insert(notification.id).second)
      return refuse(Problem::notification_id_repeated,
                    fmt::format("two notifications have the id '{}'", notification.id));
  }
  for (std::size_t i = 0; i < notifications.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) TRY(check_pair(notifications[j], notifications[i]));
  }
  return {};
}

Answer<std::vector<Notification>> Buckets::notifications(std::string_view account, std::string_view bucket) {
  using Notifications = std::vector<Notification>;
  return read<Notifications>(database_, [&](store::Transaction& transaction) -> Answer<Notifications> {
    return TRY(tables::notifications(transaction, TRY(need_bucket(transaction, account, bucket))));
  });
}

Answer<void> Buckets::set_notifications(std::string_view account, std::string_view name,
                                        const std::vector<Notification>& notifications, bool announce,
                                        const Origin& origin) {
  TRY(check_notifications(notifications));
  return write<void>(database_, [&](store::Transaction& transaction) -> Answer<void> {
    const BucketRow bucket = TRY(need_bucket(transaction, account, name));
    TRY(tables::put_notifications(transaction, bucket, notifications));
    if (!announce) return {};
    return append(transaction, bucket, {Change::configured, bucket.name, {}, {}, {}, clock_.now(), origin},
                  notifications);
  });
}

Answer<void> Buckets::notify(store::Transaction& transaction, const BucketRow& bucket, Change change,
                             const ObjectInfo& object, const Origin& origin) {
  if (options_.events == nullptr) return {};
  auto asked = TRY(tables::notifications(transaction, bucket));
  std::erase_if(asked, [&](const Notification& one) { return !asks_for(one, change, object.key); });
  return append(transaction, bucket,
                {change, bucket.name, object.key, object.size, object.etag, clock_.now(), origin}, asked);
}

Answer<void> Buckets::append(store::Transaction& transaction, const BucketRow& bucket,
                             const ObjectEvent& event, std::span<const Notification> asked) {
  if (options_.events == nullptr || asked.empty()) return {};
  std::vector<store::Subscriber> subscribers;
  subscribers.reserve(asked.size());
  for (const Notification& one : asked) subscribers.push_back({one.id, one.target});
  const Bytes payload = encode_event(event);
  const auto appended = options_.events->append(transaction,
                                                {.account = bucket.account,
                                                 .region = bucket.region,
                                                 .topic = kObjectEvents,
                                                 .payload = payload,
                                                 .ordering_key = {},
                                                 .not_before = {},
                                                 .cause = event.origin.cause},
                                                subscribers);
  if (appended) return {};
  if (appended.error().kind == ErrorKind::unavailable)
    return refuse(Problem::too_many_events, appended.error().message);
  return std::unexpected(Failure(appended.error()));
}

}  // namespace sightline::buckets
