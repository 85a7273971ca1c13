#pragma once
// Buckets and the objects in them.
//
// Everything belongs to an account, and is found by it; access() says whose a bucket is. An object appears,
// is replaced and goes in one transaction, together with the events that notifications ask for; its bytes are
// durable before, and go after. A process that is killed in between leaves blobs that no table names, which
// sweep() removes.

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "cloud/buckets/access.h"
#include "cloud/buckets/content_writer.h"
#include "cloud/buckets/events.h"
#include "cloud/buckets/failure.h"
#include "cloud/buckets/notifications.h"
#include "cloud/buckets/object_reader.h"
#include "cloud/buckets/tables.h"
#include "cloud/buckets/types.h"
#include "cloud/buckets/uploads.h"
#include "store/blobs.h"
#include "store/database.h"
#include "store/events.h"

namespace sightline::buckets {

struct BucketsOptions {
  /// Where the events that notifications ask for go, of topic kObjectEvents; it must be in Buckets' own
  /// database. nullptr: nobody is notified.
  store::Outbox* events = nullptr;
  std::uint64_t min_part = kMinPart;  ///< of all parts of an upload but the last
};

struct PutOptions {
  Attributes attributes;
  Expected expected;
  Conditions conditions;  ///< if_match and if_none_match
  Origin origin = {};
};

struct CopyOptions {
  Conditions source;                                ///< of the object that is copied
  std::optional<Attributes> attributes = {};        ///< in place of the source's
  std::optional<ChecksumAlgorithm> algorithm = {};  ///< another one than the source's
  Conditions conditions;                            ///< of the object that is replaced
  Origin origin = {};
};

struct ListQuery {
  std::string prefix;
  std::string delimiter;  ///< keys that have it after the prefix are listed once, as what they begin with
  std::string after;      ///< a key, or a common prefix that was listed: all that follows it
  std::size_t limit = 1000;
};

struct Listing {
  std::vector<ObjectInfo> objects;
  std::vector<std::string> prefixes;
  std::optional<std::string> next;  ///< `after` of the next page, where there is one
};

/// Thread-safe. Database (of open_tables()), blobs, clock, random and outbox outlive it and its readers.
class Buckets {
 public:
  Buckets(store::Database& database, store::BlobStore& blobs, const Clock& clock, Random& random,
          const BucketsOptions& options = {});
  Buckets(const Buckets&) = delete;
  Buckets& operator=(const Buckets&) = delete;

  /// Removes the blobs that no table names; returns how many. Once, at any time; see store::BlobStore.
  [[nodiscard]] Result<std::size_t> sweep(std::stop_token stop = {});

  /// Before anything else, once: reads who owns which bucket, and its policy, into memory. Returns the
  /// buckets whose policy cannot be read by today's rules: everything is denied there.
  [[nodiscard]] Result<std::vector<std::string>> load();

  /// Problems: invalid_bucket_name, bucket_exists (in whatever region), bucket_taken, too_many_buckets.
  [[nodiscard]] Answer<Bucket> create_bucket(std::string_view account, std::string_view region,
                                             std::string_view name);
  /// Problems: no_such_bucket.
  [[nodiscard]] Answer<Bucket> find_bucket(std::string_view account, std::string_view name);
  /// Sorted by name.
  [[nodiscard]] Answer<std::vector<Bucket>> list_buckets(std::string_view account);
  /// With the uploads in parts that were never completed. Problems: no_such_bucket, bucket_not_empty.
  [[nodiscard]] Answer<void> delete_bucket(std::string_view account, std::string_view name);

  /// From memory: never blocks on the disk. For a caller of `account`; see AccessDirectory::find().
  [[nodiscard]] std::optional<BucketAccess> access(std::string_view account, std::string_view bucket) const {
    return directory_.find(bucket, account);
  }
  /// In place of the one that was there; nullopt: none. Problems: no_such_bucket, public_policy_blocked.
  [[nodiscard]] Answer<void> set_policy(std::string_view account, std::string_view bucket,
                                        const std::optional<policy::Document>& policy);
  /// Problems: no_such_bucket.
  [[nodiscard]] Answer<void> set_public_access_block(std::string_view account, std::string_view bucket,
                                                     const std::optional<PublicAccessBlock>& block);

  /// In the order in which they were given. Problems: no_such_bucket.
  [[nodiscard]] Answer<std::vector<Notification>> notifications(std::string_view account,
                                                                std::string_view bucket);
  /// In place of all that were there; what is on its way by those is delivered all the same. `announce`: each
  /// target gets an event Change::configured first. Problems: no_such_bucket, those of
  /// check_notifications().
  [[nodiscard]] Answer<void> set_notifications(std::string_view account, std::string_view bucket,
                                               const std::vector<Notification>& notifications, bool announce,
                                               const Origin& origin);

  /// A content to be filled, and then handed to put() or put_part().
  /// `checked`: the algorithm of Expected::checksum, where it is another one.
  [[nodiscard]] Answer<ContentWriter> new_content(ChecksumAlgorithm kept = ChecksumAlgorithm::crc64nvme,
                                                  std::optional<ChecksumAlgorithm> checked = std::nullopt);
  /// What put() would refuse before a byte has come. Problems: as put().
  [[nodiscard]] Answer<void> may_put(const ObjectName& name, const PutOptions& options);
  /// Problems: no_such_bucket, key_too_long, key_not_xml, metadata_too_large, precondition_failed,
  /// no_such_key (if_match, and there is none), bad_digest, bad_checksum.
  [[nodiscard]] Answer<ObjectInfo> put(const ObjectName& name, ContentWriter content,
                                       const PutOptions& options);
  /// Problems: no_such_bucket, no_such_key.
  [[nodiscard]] Answer<std::unique_ptr<ObjectReader>> open(const ObjectName& name);
  [[nodiscard]] Answer<ObjectInfo> find(const ObjectName& name);
  /// An object that is not there counts as deleted, also for those who are notified. Problems:
  /// no_such_bucket.
  [[nodiscard]] Answer<void> remove(const ObjectName& name, const Origin& origin = {});
  /// All in one transaction. Problems: no_such_bucket.
  [[nodiscard]] Answer<void> remove_all(std::string_view account, std::string_view bucket,
                                        const std::vector<std::string>& keys, const Origin& origin = {});
  /// A copy shares the content of its source, but where the accounts or regions of their buckets, or the
  /// checksums, differ. Problems: no_such_bucket, no_such_key, precondition_failed, those of put().
  [[nodiscard]] Answer<ObjectInfo> copy(const ObjectName& from, const ObjectName& to,
                                        const CopyOptions& options);
  /// In the order of the keys' bytes. Problems: no_such_bucket.
  [[nodiscard]] Answer<Listing> list(std::string_view account, std::string_view bucket,
                                     const ListQuery& query);

  /// Returns the upload's id. Problems: no_such_bucket, key_too_long, key_not_xml, metadata_too_large,
  /// unsupported_checksum.
  [[nodiscard]] Answer<std::string> begin_upload(const ObjectName& name, const UploadOptions& options);
  /// Problems of all that follow, but list_uploads(): no_such_bucket, no_such_upload.
  [[nodiscard]] Answer<UploadInfo> find_upload(const UploadName& name);
  /// Problems: no_such_bucket.
  [[nodiscard]] Answer<UploadListing> list_uploads(std::string_view account, std::string_view bucket,
                                                   const UploadQuery& query);
  /// Takes the place of a part with its number. `content` keeps the upload's algorithm. Problems:
  /// invalid_part_number, bad_digest, bad_checksum.
  [[nodiscard]] Answer<PartInfo> put_part(const UploadName& name, int part, ContentWriter content,
                                          const Expected& expected);
  /// A part out of an object, or out of a range of it. Problems: those of put_part(), no_such_key,
  /// precondition_failed, invalid_range, range_outside.
  [[nodiscard]] Answer<PartInfo> copy_part(const ObjectName& from, const Conditions& source,
                                           const std::optional<PartRange>& range, const UploadName& to,
                                           int part);
  /// Parts with numbers above `after`.
  [[nodiscard]] Answer<std::vector<PartInfo>> list_parts(const UploadName& name, int after = 0);
  /// Makes the object out of the parts that are chosen; the others go. Completing again what is complete
  /// gives the same answer, whatever is said of parts and checksums. Problems: no_parts, invalid_part,
  /// invalid_part_order, part_checksum_missing, other_part_checksum, other_checksum_type, part_too_small,
  /// size_mismatch, bad_whole_checksum, precondition_failed, no_such_key (if_match), key_not_xml (an upload
  /// of an older version).
  [[nodiscard]] Answer<ObjectInfo> complete_upload(const UploadName& name,
                                                   const std::vector<ChosenPart>& parts,
                                                   const CompleteOptions& options = {});
  [[nodiscard]] Answer<void> abort_upload(const UploadName& name);

 private:
  /// Blobs that a transaction has made nobody's.
  struct Garbage {
    std::string content;
    std::vector<store::BlobId> blobs;
  };
  /// Appends an event for those whose notifications ask for it.
  [[nodiscard]] Answer<void> notify(store::Transaction& transaction, const BucketRow& bucket, Change change,
                                    const ObjectInfo& object, const Origin& origin);
  [[nodiscard]] Answer<void> append(store::Transaction& transaction, const BucketRow& bucket,
                                    const ObjectEvent& event, std::span<const Notification> asked);
  /// Puts the row, and gives what the object that was there leaves behind.
  [[nodiscard]] Answer<Garbage> replace(store::Transaction& transaction, const BucketRow& bucket,
                                        const ObjectRow& object, const Conditions& conditions, Change change,
                                        const Origin& origin);
  [[nodiscard]] Answer<ObjectInfo> put_content(const ObjectName& name, ContentWriter content,
                                               const PutOptions& options, Change change);
  [[nodiscard]] Answer<ObjectInfo> copy_bytes(const ObjectName& from, const ObjectName& to,
                                              const CopyOptions& options);
  [[nodiscard]] Answer<Garbage> erase(store::Transaction& transaction, const BucketRow& bucket,
                                      const std::string& key, const Origin& origin);
  /// Removes the blob of a content whose row was refused.
  void unwanted(const store::BlobId& blob, const Failure& why);
  void discard(Garbage garbage) { pins_.remove(garbage.content, std::move(garbage.blobs)); }

  store::Database& database_;
  store::BlobStore& blobs_;
  const Clock& clock_;
  Random& random_;
  const BucketsOptions options_;
  ContentPins pins_;
  AccessDirectory directory_;
};

}  // namespace sightline::buckets
