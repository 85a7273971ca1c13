#pragma once
// Buckets and the objects in them.
//
// Everything belongs to an account; a caller names its own, and sees no other. An object appears, is replaced
// and goes in one transaction, together with the event that tells of it; its bytes are durable before, and
// go after. A process that is killed in between leaves blobs that no table names, which sweep() removes.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "cloud/buckets/content_writer.h"
#include "cloud/buckets/events.h"
#include "cloud/buckets/failure.h"
#include "cloud/buckets/object_reader.h"
#include "cloud/buckets/tables.h"
#include "cloud/buckets/types.h"
#include "store/blobs.h"
#include "store/database.h"
#include "store/events.h"

namespace sightline::buckets {

struct BucketsOptions {
  /// Where events about objects go, of topic kObjectEvents; it must be in Buckets' own database. nullptr: no
  /// one wants them.
  store::Outbox* events = nullptr;
};

struct PutOptions {
  Attributes attributes;
  Expected expected;
  Conditions conditions;  ///< if_match and if_none_match
};

/// Thread-safe. Database (with kBucketsSchema), blobs, clock, random and outbox outlive it and its readers.
class Buckets {
 public:
  Buckets(store::Database& database, store::BlobStore& blobs, const Clock& clock, Random& random,
          const BucketsOptions& options = {});
  Buckets(const Buckets&) = delete;
  Buckets& operator=(const Buckets&) = delete;

  /// Removes the blobs that no table names; returns how many. Before anything else is called.
  [[nodiscard]] Result<std::size_t> sweep();

  /// Problems: invalid_bucket_name, bucket_exists (in whatever region).
  [[nodiscard]] Answer<Bucket> create_bucket(std::string_view account, std::string_view region,
                                             std::string_view name);
  /// Problems: no_such_bucket.
  [[nodiscard]] Answer<Bucket> find_bucket(std::string_view account, std::string_view name);
  /// Sorted by name.
  [[nodiscard]] Answer<std::vector<Bucket>> list_buckets(std::string_view account);
  /// With the uploads in parts that were never completed. Problems: no_such_bucket, bucket_not_empty.
  [[nodiscard]] Answer<void> delete_bucket(std::string_view account, std::string_view name);

  /// A content to be filled, and then handed to put() or put_part().
  [[nodiscard]] Answer<ContentWriter> new_content(ChecksumAlgorithm algorithm = ChecksumAlgorithm::crc64nvme);
  /// What put() would refuse before a byte has come. Problems: as put().
  [[nodiscard]] Answer<void> may_put(const ObjectName& name, const PutOptions& options);
  /// Problems: no_such_bucket, key_too_long, metadata_too_large, precondition_failed, no_such_key (if_match,
  /// and there is none), bad_digest, bad_checksum.
  [[nodiscard]] Answer<ObjectInfo> put(const ObjectName& name, ContentWriter content,
                                       const PutOptions& options);
  /// Problems: no_such_bucket, no_such_key.
  [[nodiscard]] Answer<std::unique_ptr<ObjectReader>> open(const ObjectName& name);
  [[nodiscard]] Answer<ObjectInfo> find(const ObjectName& name);
  /// An object that is not there counts as deleted. Problems: no_such_bucket.
  [[nodiscard]] Answer<void> remove(const ObjectName& name);
  /// All in one transaction. Problems: no_such_bucket.
  [[nodiscard]] Answer<void> remove_all(std::string_view account, std::string_view bucket,
                                        const std::vector<std::string>& keys);

 private:
  /// Blobs that a transaction has made nobody's.
  struct Garbage {
    std::string content;
    std::vector<store::BlobId> blobs;
  };
  [[nodiscard]] Result<void> tell(store::Transaction& transaction, const BucketRow& bucket, Change change,
                                  const ObjectInfo& object);
  /// Puts the row, and gives what the object that was there leaves behind.
  [[nodiscard]] Answer<Garbage> replace(store::Transaction& transaction, const BucketRow& bucket,
                                        const ObjectRow& object, const Conditions& conditions, Change change);
  [[nodiscard]] Answer<Garbage> erase(store::Transaction& transaction, const BucketRow& bucket,
                                      std::string_view key);
  /// Removes the blob of a content whose row was refused.
  void unwanted(const store::BlobId& blob, const Failure& why);
  void discard(Garbage garbage) { pins_.remove(garbage.content, std::move(garbage.blobs)); }

  store::Database& database_;
  store::BlobStore& blobs_;
  const Clock& clock_;
  Random& random_;
  const BucketsOptions options_;
  ContentPins pins_;
};

}  // namespace sightline::buckets
