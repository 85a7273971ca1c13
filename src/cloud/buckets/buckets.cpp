#include "cloud/buckets/buckets.h"

#include <fmt/format.h>

#include <algorithm>

#include "cloud/buckets/access_tables.h"
#include "cloud/buckets/lookup.h"
#include "cloud/buckets/notification_tables.h"
#include "cloud/buckets/transact.h"
#include "cloud/buckets/upload_tables.h"
#include "cloud/policy/public_access.h"

namespace sightline::buckets {

using store::Transaction;

Buckets::Buckets(store::Database& database, store::BlobStore& blobs, const Clock& clock, Random& random,
                 const BucketsOptions& options)
    : database_(database), blobs_(blobs), clock_(clock), random_(random), options_(options), pins_(blobs) {}

Result<std::size_t> Buckets::sweep(std::stop_token stop) {
  Result<void> looked_up;
  const auto in_use = [&](const store::BlobId& blob) {
    bool used = true;
    auto found = database_.read([&](Transaction& transaction) -> Result<void> {
      used = TRY(tables::is_blob_in_use(transaction, blob));
      return {};
    });
    // When in doubt, it stays: what is being read goes with its last reader.
    if (!found) looked_up = std::move(found);
    return used || pins_.holds(blob);
  };
  const std::size_t removed = TRY(blobs_.sweep(in_use, std::move(stop)));
  TRY(std::move(looked_up));
  return removed;
}

Result<std::vector<std::string>> Buckets::load() {
  std::vector<std::string> unreadable;
  TRY(database_.read([&](Transaction& transaction) -> Result<void> {
    for (tables::NamedAccess& one : TRY(tables::all_access(transaction))) {
      directory_.put(one.bucket, std::move(one.access));
      if (one.unreadable) unreadable.push_back(std::move(one.bucket));
    }
    return {};
  }));
  return unreadable;
}

Answer<Bucket> Buckets::create_bucket(std::string_view account, std::string_view region,
                                      std::string_view name) {
  if (!is_bucket_name(name))
    return refuse(Problem::invalid_bucket_name, fmt::format("'{}' cannot be the name of a bucket", name));
  const BucketRow bucket{std::string(account), std::string(region), std::string(name), clock_.now()};
  return write<Bucket>(database_, [&](Transaction& transaction) -> Answer<Bucket> {
    if (TRY(tables::find_bucket(transaction, account, name)))
      return refuse(Problem::bucket_exists, fmt::format("bucket '{}' is there already", name));
    // Names are those of all accounts, for policies and ARNs name no account.
    if (TRY(tables::bucket_owner(transaction, name)))
      return refuse(Problem::bucket_taken, fmt::format("bucket '{}' is another account's", name));
    if (TRY(tables::count_buckets(transaction, account)) >= kMaxBuckets)
      return refuse(Problem::too_many_buckets, fmt::format("an account has {} buckets at most", kMaxBuckets));
    TRY(tables::insert_bucket(transaction, bucket));
    transaction.after_commit([this, bucket] { directory_.put(bucket.name, {.account = bucket.account}); });
    return Bucket{bucket.name, bucket.region, bucket.created};
  });
}

Answer<Bucket> Buckets::find_bucket(std::string_view account, std::string_view name) {
  return read<Bucket>(database_, [&](Transaction& transaction) -> Answer<Bucket> {
    const BucketRow bucket = TRY(need_bucket(transaction, account, name));
    return Bucket{bucket.name, bucket.region, bucket.created};
  });
}

Answer<std::vector<Bucket>> Buckets::list_buckets(std::string_view account) {
  auto buckets =
      TRY(read<std::vector<Bucket>>(database_, [&](Transaction& transaction) -> Answer<std::vector<Bucket>> {
        return TRY(tables::list_buckets(transaction, account));
      }));
  std::ranges::sort(buckets, {}, &Bucket::name);
  return buckets;
}

Answer<void> Buckets::delete_bucket(std::string_view account, std::string_view name) {
  auto garbage = TRY(
      write<std::vector<Garbage>>(database_, [&](Transaction& transaction) -> Answer<std::vector<Garbage>> {
        const BucketRow bucket = TRY(need_bucket(transaction, account, name));
        if (!TRY(tables::list_objects(transaction, bucket, "", 1)).empty())
          return refuse(Problem::bucket_not_empty, fmt::format("bucket '{}' is not empty", name));
        std::vector<Garbage> left;
        for (const UploadRow& upload : TRY(tables::bucket_uploads(transaction, bucket))) {
          TRY(tables::delete_upload(transaction, bucket, upload.content));
          left.push_back({upload.content, TRY(tables::release_content(transaction, bucket, upload.content))});
        }
        TRY(tables::put_notifications(transaction, bucket, {}));
        TRY(tables::delete_bucket(transaction, bucket));
        transaction.after_commit([this, bucket] { directory_.remove(bucket.name, bucket.account); });
        return left;
      }));
  for (Garbage& one : garbage) discard(std::move(one));
  return {};
}

Answer<void> Buckets::set_policy(std::string_view account, std::string_view name,
                                 const std::optional<policy::Document>& policy) {
  const bool is_public = policy && policy::is_public(*policy);
  return write<void>(database_, [&](Transaction& transaction) -> Answer<void> {
    const BucketRow bucket = TRY(need_bucket(transaction, account, name));
    const auto block = TRY(tables::find_block(transaction, bucket));
    if (is_public && block && block->block_policy)
      return refuse(Problem::public_policy_blocked, fmt::format("bucket '{}' blocks public policies", name));
    TRY(tables::set_policy(transaction, bucket, policy));
    transaction.after_commit([this, bucket, policy, is_public] {
      directory_.change(bucket.name, bucket.account, [&](BucketAccess& access) {
        access.policy = policy;
        access.is_public = is_public;
      });
    });
    return {};
  });
}

Answer<void> Buckets::set_public_access_block(std::string_view account, std::string_view name,
                                              const std::optional<PublicAccessBlock>& block) {
  return write<void>(database_, [&](Transaction& transaction) -> Answer<void> {
    const BucketRow bucket = TRY(need_bucket(transaction, account, name));
    TRY(tables::set_block(transaction, bucket, block));
    transaction.after_commit([this, bucket, block] {
      directory_.change(bucket.name, bucket.account, [&](BucketAccess& access) { access.block = block; });
    });
    return {};
  });
}

}  // namespace sightline::buckets
