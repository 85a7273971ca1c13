#include "cloud/identity/tags.h"

#include <fmt/format.h>

#include <set>

#include "base/ascii.h"
#include "cloud/identity/permission_tables.h"
#include "store/values.h"

namespace sightline::identity {

using store::bytes;
using store::Transaction;

Answer<void> check_tags(std::span<const Tag> tags) {
  std::set<std::string> keys;
  for (const Tag& tag : tags)
    if (!keys.insert(to_lower(tag.key)).second)
      return refuse(Problem::invalid, fmt::format("the tag key '{}' is given twice", tag.key));
  if (static_cast<std::int64_t>(keys.size()) > kMaxTags)
    return over_limit(Quota::tags, EntityKind::user, "", kMaxTags);
  return {};
}

Answer<void> put_tags(Transaction& transaction, std::string_view account, std::string_view id,
                      std::span<const Tag> tags) {
  TRY(check_tags(tags));
  for (const Tag& tag : tags) {
    const std::string folded = to_lower(tag.key);
    TRY(transaction.execute(sql::kPutTag, {account, id, bytes(folded), tag.key, tag.value}));
  }
  if (static_cast<std::int64_t>(TRY(read_tags(transaction, account, id)).size()) > kMaxTags)
    return over_limit(Quota::tags, EntityKind::user, id, kMaxTags);
  return {};
}

Result<void> delete_tags(Transaction& transaction, std::string_view account, std::string_view id,
                         std::span<const std::string> keys) {
  for (const std::string& key : keys) {
    const std::string folded = to_lower(key);
    TRY(transaction.execute(sql::kDeleteTag, {account, id, bytes(folded)}));
  }
  return {};
}

Answer<void> Tags::put(std::string_view account, const EntityRef& ref, std::span<const Tag> tags) {
  return write<void>(backing_, [&](Transaction& transaction) -> Answer<void> {
    const Entity entity = TRY(find_entity(transaction, account, ref));
    TRY(put_tags(transaction, account, entity.id, tags));
    TRY(publish(transaction, backing_.book, account, entity));
    return {};
  });
}

Answer<void> Tags::remove(std::string_view account, const EntityRef& ref, std::span<const std::string> keys) {
  return write<void>(backing_, [&](Transaction& transaction) -> Answer<void> {
    const Entity entity = TRY(find_entity(transaction, account, ref));
    TRY(delete_tags(transaction, account, entity.id, keys));
    TRY(publish(transaction, backing_.book, account, entity));
    return {};
  });
}

Answer<std::vector<Tag>> Tags::list(std::string_view account, const EntityRef& ref) {
  return read<std::vector<Tag>>(backing_, [&](Transaction& transaction) -> Answer<std::vector<Tag>> {
    return TRY(read_tags(transaction, account, TRY(find_entity(transaction, account, ref)).id));
  });
}

}  // namespace sightline::identity
