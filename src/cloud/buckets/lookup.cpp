#include "cloud/buckets/lookup.h"

#include <fmt/format.h>

#include "base/markup.h"

namespace sightline::buckets {

Answer<BucketRow> need_bucket(store::Transaction& transaction, std::string_view account,
                              std::string_view name) {
  auto bucket = TRY(tables::find_bucket(transaction, account, name));
  if (!bucket) return refuse(Problem::no_such_bucket, fmt::format("there is no bucket '{}'", name));
  return *std::move(bucket);
}

Answer<ObjectRow> need_object(store::Transaction& transaction, const BucketRow& bucket,
                              std::string_view key) {
  auto object = TRY(tables::find_object(transaction, bucket, key));
  if (!object)
    return refuse(Problem::no_such_key,
                  fmt::format("there is no object '{}' in bucket '{}'", key, bucket.name));
  return *std::move(object);
}

Answer<void> check_new_key(std::string_view key) {
  if (key.size() > kMaxKey)
    return refuse(Problem::key_too_long, fmt::format("a key has {} bytes at most", kMaxKey));
  if (!is_xml_text(key)) return refuse(Problem::key_not_xml, "a key has no characters that XML cannot carry");
  return {};
}

Answer<void> check_new_object(std::string_view key, const Attributes& attributes) {
  TRY(check_new_key(key));
  std::size_t size = 0;
  for (const auto& [name, value] : attributes.metadata) size += name.size() + value.size();
  if (size > kMaxMetadata)
    return refuse(Problem::metadata_too_large, fmt::format("metadata has {} bytes at most", kMaxMetadata));
  return {};
}

Answer<void> check_replaced(const Conditions& conditions, const std::optional<ObjectRow>& object) {
  if (!object) {
    if (conditions.if_match)
      return refuse(Problem::no_such_key, "there is no object that the condition could be met by");
    return {};
  }
  const Conditions tags{conditions.if_match, conditions.if_none_match, {}, {}};
  if (judge(tags, object->info) == Verdict::go_on) return {};
  return refuse(Problem::precondition_failed, "the object that is there does not meet the condition");
}

}  // namespace sightline::buckets
