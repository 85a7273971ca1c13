#pragma once
// What the buckets' table knows of who may use them.

#include "cloud/buckets/access.h"
#include "cloud/buckets/tables.h"

namespace sightline::buckets {

inline constexpr std::string_view kBucketOwner = "SELECT account FROM buckets WHERE name = $1 LIMIT 1";
inline constexpr std::string_view kCountBuckets = "SELECT COUNT(*) FROM buckets WHERE account = $1";
inline constexpr std::string_view kAllAccess =
    "SELECT account, name, policy, public_access FROM buckets ORDER BY created";
inline constexpr std::string_view kFindBlock =
    "SELECT public_access FROM buckets WHERE account = $1 AND region = $2 AND name = $3";
inline constexpr std::string_view kSetPolicy =
    "UPDATE buckets SET policy = $1 WHERE account = $2 AND region = $3 AND name = $4";
inline constexpr std::string_view kSetBlock =
    "UPDATE buckets SET public_access = $1 WHERE account = $2 AND region = $3 AND name = $4";

namespace tables {

/// Of a bucket of whichever account.
Result<std::optional<std::string>> bucket_owner(store::Transaction& transaction, std::string_view name);
Result<std::int64_t> count_buckets(store::Transaction& transaction, std::string_view account);

struct NamedAccess {
  std::string bucket;
  BucketAccess access;
  bool unreadable = false;  ///< the policy that is kept; `access` has one that denies everything in its place
};
/// Of all buckets, the oldest first. A policy that cannot be read by today's rules denies everything until
/// the owner's root puts another one or takes it away: without it the bucket might let in whom it denied.
Result<std::vector<NamedAccess>> all_access(store::Transaction& transaction);

Result<std::optional<PublicAccessBlock>> find_block(store::Transaction& transaction, const BucketRow& bucket);
Result<void> set_policy(store::Transaction& transaction, const BucketRow& bucket,
                        const std::optional<policy::Document>& policy);
Result<void> set_block(store::Transaction& transaction, const BucketRow& bucket,
                       const std::optional<PublicAccessBlock>& block);

}  // namespace tables
}  // namespace sightline::buckets
