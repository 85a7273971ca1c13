#pragma once
// Finding what a caller named, or saying which part of it is not there.

#include <string_view>

#include "cloud/buckets/failure.h"
#include "cloud/buckets/tables.h"

namespace sightline::buckets {

/// Problems: no_such_bucket.
[[nodiscard]] Answer<BucketRow> need_bucket(store::Transaction& transaction, std::string_view account,
                                            std::string_view name);
/// Problems: no_such_key.
[[nodiscard]] Answer<ObjectRow> need_object(store::Transaction& transaction, const BucketRow& bucket,
                                            std::string_view key);
/// Whether an object may be made by this key. Problems: key_too_long, key_not_xml.
[[nodiscard]] Answer<void> check_new_key(std::string_view key);
/// Whether an object may be made by this key, with these attributes. Problems: those of check_new_key(),
/// metadata_too_large.
[[nodiscard]] Answer<void> check_new_object(std::string_view key, const Attributes& attributes);
/// if_match and if_none_match against the object that is to be replaced, if there is one. Problems:
/// precondition_failed, no_such_key (if_match, and there is none).
[[nodiscard]] Answer<void> check_replaced(const Conditions& conditions,
                                          const std::optional<ObjectRow>& object);

}  // namespace sightline::buckets
