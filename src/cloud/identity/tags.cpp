#include "cloud/identity/tags.h"

#include <set>

#include "base/ascii.h"
#include "cloud/identity/permission_tables.h"
#include "store/values.h"

namespace sightline::identity {

using store::bytes;
using store::Transaction;

namespace {

enum class KeyCase { ignored, counts };

KeyCase key_case_of(std::string_view id) {
  return id.starts_with("ANPA") ? KeyCase::counts : KeyCase::ignored;
}

/// What is the same for keys that are the same.
std::string folded(std::string_view key, KeyCase key_case) {
  return key_case == KeyCase::counts ? std::string(key) : to_lower(key);
}

Answer<void> check_tags(std::span<const Tag> tags, KeyCase key_case) {
  std::set<std::string> keys;
  for (const Tag& tag : tags)
    if (!keys.insert(folded(tag.key, key_case)).second)
      return refuse(Problem::invalid,
                    key_case == KeyCase::counts
                        ? "Duplicate tag keys found."
                        : "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
  if (static_cast<std::int64_t>(keys.size()) > kMaxTags)
    return over_limit(Quota::tags, EntityKind::user, "", kMaxTags);
  return {};
}

}  // namespace

Answer<void> check_tags(std::span<const Tag> tags) {
  return check_tags(tags, KeyCase::ignored);
}

Answer<void> put_tags(Transaction& transaction, std::string_view account, std::string_view id,
                      std::span<const Tag> tags) {
  const KeyCase key_case = key_case_of(id);
  TRY(check_tags(tags, key_case));
  for (const Tag& tag : tags) {
    if (to_lower(tag.key).starts_with("aws:"))
      return refuse(Problem::invalid, "aws: prefixed tag key names are not allowed for external use.");
    const std::string key = folded(tag.key, key_case);
    TRY(transaction.execute(sql::kPutTag, {account, id, bytes(key), tag.key, tag.value}));
  }
  if (static_cast<std::int64_t>(TRY(read_tags(transaction, account, id)).size()) > kMaxTags)
    return over_limit(Quota::tags, EntityKind::user, id, kMaxTags);
  return {};
}

Result<void> delete_tags(Transaction& transaction, std::string_view account, std::string_view id,
                         std::span<const std::string> keys) {
  for (const std::string& key : keys) {
    const std::string same = folded(key, key_case_of(id));
    TRY(transaction.execute(sql::kDeleteTag, {account, id, bytes(same)}));
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
