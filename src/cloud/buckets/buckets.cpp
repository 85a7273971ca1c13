#include "cloud/buckets/buckets.h"

#include <fmt/format.h>

#include <algorithm>

#include "cloud/buckets/lookup.h"
#include "cloud/buckets/notification_tables.h"
#include "cloud/buckets/transact.h"
#include "cloud/buckets/upload_tables.h"

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

Answer<Bucket> Buckets::create_bucket(std::string_view account, std::string_view region,
                                      std::string_view name) {
  if (!is_bucket_name(name))
    return refuse(Problem::invalid_bucket_name, fmt::format("'{}' cannot be the name of a bucket", name));
  const BucketRow bucket{std::string(account), std::string(region), std::string(name), clock_.now()};
  return write<Bucket>(database_, [&](Transaction& transaction) -> Answer<Bucket> {
    if (TRY(tables::find_bucket(transaction, account, name)))
      return refuse(Problem::bucket_exists, fmt::format("bucket '{}' is there already", name));
    TRY(tables::insert_bucket(transaction, bucket));
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
        return left;
      }));
  for (Garbage& one : garbage) discard(std::move(one));
  return {};
}

}  // namespace sightline::buckets
