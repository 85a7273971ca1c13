#include "cloud/buckets/notification_tables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace sightline::buckets::tables {
namespace {

store::Value filter_column(const std::optional<std::string>& filter) {
  return filter ? store::Value(bytes(*filter)) : store::Value();
}

std::optional<std::string> filter_in(const store::Row& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(text(row.bytes(column)));
}

std::vector<std::string> names_in(std::string_view list) {
  std::vector<std::string> names;
  while (!list.empty()) {
    const std::string_view name = list.substr(0, list.find(' '));
    names.emplace_back(name);
    list.remove_prefix(std::min(name.size() + 1, list.size()));
  }
  return names;
}

}  // namespace

Result<void> put_notifications(store::Transaction& transaction, const BucketRow& bucket,
                               std::span<const Notification> notifications) {
  TRY(transaction.execute(kDeleteNotifications, {bucket.account, bucket.region, bucket.name}));
  std::int64_t position = 0;
  for (const Notification& one : notifications) {
    TRY(transaction.execute(kInsertNotification,
                            {bucket.account, bucket.region, bucket.name, position++, one.id, one.target,
                             fmt::format("{}", fmt::join(one.events, " ")), filter_column(one.prefix),
                             filter_column(one.suffix)}));
  }
  return {};
}

Result<std::vector<Notification>> notifications(store::Transaction& transaction, const BucketRow& bucket) {
  std::vector<Notification> found;
  TRY(transaction.query(kNotifications, {bucket.account, bucket.region, bucket.name},
                        [&](const store::Row& row) {
                          found.push_back({std::string(row.text(0)), std::string(row.text(1)),
                                           names_in(row.text(2)), filter_in(row, 3), filter_in(row, 4)});
                        }));
  return found;
}

}  // namespace sightline::buckets::tables
