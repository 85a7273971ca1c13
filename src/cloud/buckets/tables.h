#pragma once
// The tables of buckets, and every statement over them.
//
// An object names a content; a content is one or more pieces, each a blob. An upload in parts has the pieces
// of the content that it becomes. Copies share a content; it goes with the last object that names it.

#include <string_view>

#include "cloud/buckets/failure.h"
#include "cloud/buckets/types.h"
#include "store/blobs.h"
#include "store/database.h"
#include "store/stores.h"
#include "store/values.h"

namespace sightline::buckets {

/// To be among the schemas of the database that Buckets works on.
extern const store::Schema kBucketsSchema;

/// All of the module's tables, with those of its events.
[[nodiscard]] Result<std::unique_ptr<store::Database>> open_tables(store::Stores& stores);

/// Where a bucket's rows are.
struct BucketRow {
  std::string account;
  std::string region;
  std::string name;
  Instant created;
};

struct ObjectRow {
  ObjectInfo info;
  std::string content;
};

/// A part of a content; the only one is number 1.
struct Piece {
  int number = 1;
  store::BlobId blob;
  std::uint64_t size = 0;
  std::string etag;
  std::string checksum;  ///< Base64, by the content's algorithm; may be empty
  Instant modified;
};

// In what columns hold.
using store::bytes;
using store::instant;
using store::number;
using store::text;

/// Each within a transaction of the caller's. What is not there is nullopt.
namespace tables {

Result<void> insert_bucket(store::Transaction& transaction, const BucketRow& bucket);
Result<std::optional<BucketRow>> find_bucket(store::Transaction& transaction, std::string_view account,
                                             std::string_view name);
Result<std::vector<Bucket>> list_buckets(store::Transaction& transaction, std::string_view account);
Result<void> delete_bucket(store::Transaction& transaction, const BucketRow& bucket);

Result<std::optional<ObjectRow>> find_object(store::Transaction& transaction, const BucketRow& bucket,
                                             std::string_view key);
/// Inserts, or takes the place of the one with its key.
Result<void> put_object(store::Transaction& transaction, const BucketRow& bucket, const ObjectRow& object);
Result<void> delete_object(store::Transaction& transaction, const BucketRow& bucket, std::string_view key);
/// Keys from `from` on in the order of their bytes.
Result<std::vector<ObjectRow>> list_objects(store::Transaction& transaction, const BucketRow& bucket,
                                            std::string_view from, std::size_t limit);

Result<void> put_piece(store::Transaction& transaction, const BucketRow& bucket, std::string_view content,
                       const Piece& piece);
Result<std::vector<Piece>> list_pieces(store::Transaction& transaction, const BucketRow& bucket,
                                       std::string_view content);
Result<std::optional<Piece>> find_piece(store::Transaction& transaction, const BucketRow& bucket,
                                        std::string_view content, int number);
Result<void> delete_piece(store::Transaction& transaction, const BucketRow& bucket, std::string_view content,
                          int number);
/// The pieces' rows, unless an object names the content; returns the blobs to be removed after the commit.
Result<std::vector<store::BlobId>> release_content(store::Transaction& transaction, const BucketRow& bucket,
                                                   std::string_view content);
Result<bool> is_blob_in_use(store::Transaction& transaction, const store::BlobId& blob);

}  // namespace tables
}  // namespace sightline::buckets
