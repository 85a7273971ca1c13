#include "cloud/buckets/tables.h"

#include "cloud/buckets/access_tables.h"
#include "cloud/buckets/notification_tables.h"
#include "cloud/buckets/record.h"
#include "cloud/buckets/upload_tables.h"
#include "store/events.h"

namespace sightline::buckets {
namespace {

using store::Row;
using store::Transaction;

constexpr std::string_view kMigrations[] = {
    R"(CREATE TABLE buckets (
         account TEXT NOT NULL,
         region TEXT NOT NULL,
         name TEXT NOT NULL,
         created BIGINT NOT NULL,
         PRIMARY KEY (account, region, name));
       CREATE UNIQUE INDEX buckets_by_name ON buckets (account, name);
       CREATE TABLE objects (
         account TEXT NOT NULL,
         region TEXT NOT NULL,
         bucket TEXT NOT NULL,
         object_key BLOB NOT NULL,
         content TEXT NOT NULL,
         size BIGINT NOT NULL,
         etag TEXT NOT NULL,
         modified BIGINT NOT NULL,
         checksum_algorithm TEXT NOT NULL,
         checksum_type TEXT NOT NULL,
         checksum TEXT NOT NULL,
         parts BIGINT NOT NULL,
         attributes BLOB NOT NULL,
         PRIMARY KEY (account, region, bucket, object_key));
       CREATE INDEX objects_by_content ON objects (account, region, content);
       CREATE TABLE uploads (
         account TEXT NOT NULL,
         region TEXT NOT NULL,
         bucket TEXT NOT NULL,
         object_key BLOB NOT NULL,
         content TEXT NOT NULL,
         started BIGINT NOT NULL,
         checksum_algorithm TEXT NOT NULL,
         checksum_type TEXT NOT NULL,
         attributes BLOB NOT NULL,
         PRIMARY KEY (account, region, bucket, content));
       CREATE TABLE pieces (
         account TEXT NOT NULL,
         region TEXT NOT NULL,
         content TEXT NOT NULL,
         number BIGINT NOT NULL,
         blob TEXT NOT NULL,
         size BIGINT NOT NULL,
         etag TEXT NOT NULL,
         checksum TEXT NOT NULL,
         modified BIGINT NOT NULL,
         PRIMARY KEY (account, region, content, number));
       CREATE INDEX pieces_by_blob ON pieces (blob);)",
    // An upload for which no checksum was chosen has empty names. It was not told from one with this
    // algorithm, which is what a client hardly ever chose.
    "UPDATE uploads SET checksum_algorithm = '', checksum_type = '' WHERE checksum_algorithm = 'CRC64NVME'",
    // `events`: names with spaces between them. No filter is NULL.
    R"(CREATE TABLE notifications (
         account TEXT NOT NULL,
         region TEXT NOT NULL,
         bucket TEXT NOT NULL,
         position BIGINT NOT NULL,
         id TEXT NOT NULL,
         target TEXT NOT NULL,
         events TEXT NOT NULL,
         prefix BLOB,
         suffix BLOB,
         PRIMARY KEY (account, region, bucket, position));)",
    // Which guards against public access are up, in bits; NULL: the owner has taken all of them away.
    R"(ALTER TABLE buckets ADD COLUMN policy TEXT;
       ALTER TABLE buckets ADD COLUMN public_access BIGINT DEFAULT 15;
       CREATE INDEX buckets_of_all ON buckets (name);)",
};

constexpr std::string_view kInsertBucket =
    "INSERT INTO buckets (account, region, name, created) VALUES ($1, $2, $3, $4)";
constexpr std::string_view kFindBucket =
    "SELECT region, created FROM buckets WHERE account = $1 AND name = $2";
// Sorted by the caller: the engine would sort by its locale.
constexpr std::string_view kListBuckets = "SELECT name, region, created FROM buckets WHERE account = $1";
constexpr std::string_view kDeleteBucket =
    "DELETE FROM buckets WHERE account = $1 AND region = $2 AND name = $3";
constexpr std::string_view kFindObject =
    "SELECT object_key, content, size, etag, modified, checksum_algorithm, checksum_type, checksum, parts, "
    "attributes FROM objects WHERE account = $1 AND region = $2 AND bucket = $3 AND object_key = $4";
constexpr std::string_view kPutObject =
    "INSERT INTO objects (account, region, bucket, object_key, content, size, etag, modified, "
    "checksum_algorithm, checksum_type, checksum, parts, attributes) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) "
    "ON CONFLICT (account, region, bucket, object_key) DO UPDATE SET content = excluded.content, "
    "size = excluded.size, etag = excluded.etag, modified = excluded.modified, "
    "checksum_algorithm = excluded.checksum_algorithm, checksum_type = excluded.checksum_type, "
    "checksum = excluded.checksum, parts = excluded.parts, attributes = excluded.attributes";
constexpr std::string_view kDeleteObject =
    "DELETE FROM objects WHERE account = $1 AND region = $2 AND bucket = $3 AND object_key = $4";
constexpr std::string_view kListObjects =
    "SELECT object_key, content, size, etag, modified, checksum_algorithm, checksum_type, checksum, parts, "
    "attributes FROM objects WHERE account = $1 AND region = $2 AND bucket = $3 AND object_key >= $4 "
    "ORDER BY object_key LIMIT $5";
constexpr std::string_view kPutPiece =
    "INSERT INTO pieces (account, region, content, number, blob, size, etag, checksum, modified) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
    "ON CONFLICT (account, region, content, number) DO UPDATE SET blob = excluded.blob, "
    "size = excluded.size, etag = excluded.etag, checksum = excluded.checksum, modified = excluded.modified";
constexpr std::string_view kListPieces =
    "SELECT number, blob, size, etag, checksum, modified FROM pieces "
    "WHERE account = $1 AND region = $2 AND content = $3 ORDER BY number";
constexpr std::string_view kFindPiece =
    "SELECT number, blob, size, etag, checksum, modified FROM pieces "
    "WHERE account = $1 AND region = $2 AND content = $3 AND number = $4";
constexpr std::string_view kDeletePiece =
    "DELETE FROM pieces WHERE account = $1 AND region = $2 AND content = $3 AND number = $4";
constexpr std::string_view kDeletePieces =
    "DELETE FROM pieces WHERE account = $1 AND region = $2 AND content = $3";
constexpr std::string_view kContentUsed =
    "SELECT 1 FROM objects WHERE account = $1 AND region = $2 AND content = $3 LIMIT 1";
constexpr std::string_view kBlobUsed = "SELECT 1 FROM pieces WHERE blob = $1 LIMIT 1";

constexpr std::string_view kStatements[] = {
    kInsertBucket,  kFindBucket,          kListBuckets,  kDeleteBucket,  kFindObject,
    kPutObject,     kDeleteObject,        kListObjects,  kPutPiece,      kListPieces,
    kFindPiece,     kDeletePiece,         kDeletePieces, kContentUsed,   kBlobUsed,
    kInsertUpload,  kFindUpload,          kDeleteUpload, kBucketUploads, kInsertNotification,
    kNotifications, kDeleteNotifications, kBucketOwner,  kCountBuckets,  kAllAccess,
    kFindBlock,     kSetPolicy,           kSetBlock};

/// The columns of kFindObject and kListObjects.
Result<ObjectRow> object_of(const Row& row) {
  ObjectRow object;
  object.info.key = text(row.bytes(0));
  object.content = row.text(1);
  object.info.size = static_cast<std::uint64_t>(row.integer(2));
  object.info.etag = row.text(3);
  object.info.modified = instant(row.integer(4));
  if (const auto algorithm = checksum_algorithm(row.text(5))) {
    object.info.checksum = {*algorithm, checksum_type(row.text(6)), std::string(row.text(7))};
  }
  object.info.parts = static_cast<int>(row.integer(8));
  object.info.attributes = TRY(decode_attributes(row.bytes(9)));
  return object;
}

Result<std::vector<ObjectRow>> objects_of(Transaction& transaction, std::string_view statement,
                                          std::initializer_list<store::Value> values) {
  std::vector<ObjectRow> objects;
  Result<void> read;
  TRY(transaction.query(statement, values, [&](const Row& row) {
    auto object = object_of(row);
    if (object) {
      objects.push_back(std::move(*object));
    } else {
      read = std::unexpected(object.error());
    }
  }));
  TRY(std::move(read));
  return objects;
}

/// The columns of kFindPiece and kListPieces.
Result<std::vector<Piece>> pieces_of(Transaction& transaction, std::string_view statement,
                                     std::initializer_list<store::Value> values) {
  std::vector<Piece> pieces;
  bool damaged = false;
  TRY(transaction.query(statement, values, [&](const Row& row) {
    auto blob = store::BlobId::parse(row.text(1));
    damaged = damaged || !blob;
    if (!blob) return;
    pieces.push_back({static_cast<int>(row.integer(0)), std::move(*blob),
                      static_cast<std::uint64_t>(row.integer(2)), std::string(row.text(3)),
                      std::string(row.text(4)), instant(row.integer(5))});
  }));
  if (damaged)
    return fail(ErrorKind::corrupt, "a row of the buckets is damaged; restore the database from a backup");
  return pieces;
}

}  // namespace

const store::Schema kBucketsSchema{"buckets", kMigrations, kStatements};

Result<std::unique_ptr<store::Database>> open_tables(store::Stores& stores) {
  return stores.open({"buckets", {kBucketsSchema, store::kEventsSchema}});
}

ChecksumType checksum_type(std::string_view name) {
  return name == "COMPOSITE" ? ChecksumType::composite : ChecksumType::full_object;
}

namespace tables {

Result<void> insert_bucket(Transaction& transaction, const BucketRow& bucket) {
  TRY(transaction.execute(kInsertBucket,
                          {bucket.account, bucket.region, bucket.name, number(bucket.created)}));
  return {};
}

Result<std::optional<BucketRow>> find_bucket(Transaction& transaction, std::string_view account,
                                             std::string_view name) {
  std::optional<BucketRow> bucket;
  TRY(transaction.query(kFindBucket, {account, name}, [&](const Row& row) {
    bucket = {std::string(account), std::string(row.text(0)), std::string(name), instant(row.integer(1))};
  }));
  return bucket;
}

Result<std::vector<Bucket>> list_buckets(Transaction& transaction, std::string_view account) {
  std::vector<Bucket> buckets;
  TRY(transaction.query(kListBuckets, {account}, [&](const Row& row) {
    buckets.push_back({std::string(row.text(0)), std::string(row.text(1)), instant(row.integer(2))});
  }));
  return buckets;
}

Result<void> delete_bucket(Transaction& transaction, const BucketRow& bucket) {
  TRY(transaction.execute(kDeleteBucket, {bucket.account, bucket.region, bucket.name}));
  return {};
}

Result<std::optional<ObjectRow>> find_object(Transaction& transaction, const BucketRow& bucket,
                                             std::string_view key) {
  auto objects =
      TRY(objects_of(transaction, kFindObject, {bucket.account, bucket.region, bucket.name, bytes(key)}));
  if (objects.empty()) return std::nullopt;
  return std::move(objects.front());
}

Result<void> put_object(Transaction& transaction, const BucketRow& bucket, const ObjectRow& object) {
  const ObjectInfo& info = object.info;
  const auto& sum = info.checksum;
  const Bytes attributes = encode_attributes(info.attributes);
  TRY(transaction.execute(kPutObject, {bucket.account, bucket.region, bucket.name, bytes(info.key),
                                       object.content, static_cast<std::int64_t>(info.size), info.etag,
                                       number(info.modified), sum ? name_of(sum->algorithm) : "",
                                       sum ? name_of(sum->type) : "", sum ? std::string_view(sum->value) : "",
                                       std::int64_t{info.parts}, store::BytesView(attributes)}));
  return {};
}

Result<void> delete_object(Transaction& transaction, const BucketRow& bucket, std::string_view key) {
  TRY(transaction.execute(kDeleteObject, {bucket.account, bucket.region, bucket.name, bytes(key)}));
  return {};
}

Result<std::vector<ObjectRow>> list_objects(Transaction& transaction, const BucketRow& bucket,
                                            std::string_view from, std::size_t limit) {
  return objects_of(
      transaction, kListObjects,
      {bucket.account, bucket.region, bucket.name, bytes(from), static_cast<std::int64_t>(limit)});
}

Result<void> put_piece(Transaction& transaction, const BucketRow& bucket, std::string_view content,
                       const Piece& piece) {
  TRY(transaction.execute(kPutPiece, {bucket.account, bucket.region, content, std::int64_t{piece.number},
                                      piece.blob.text(), static_cast<std::int64_t>(piece.size), piece.etag,
                                      piece.checksum, number(piece.modified)}));
  return {};
}

Result<std::vector<Piece>> list_pieces(Transaction& transaction, const BucketRow& bucket,
                                       std::string_view content) {
  return pieces_of(transaction, kListPieces, {bucket.account, bucket.region, content});
}

Result<std::optional<Piece>> find_piece(Transaction& transaction, const BucketRow& bucket,
                                        std::string_view content, int piece) {
  auto pieces =
      TRY(pieces_of(transaction, kFindPiece, {bucket.account, bucket.region, content, std::int64_t{piece}}));
  if (pieces.empty()) return std::nullopt;
  return std::move(pieces.front());
}

Result<void> delete_piece(Transaction& transaction, const BucketRow& bucket, std::string_view content,
                          int piece) {
  TRY(transaction.execute(kDeletePiece, {bucket.account, bucket.region, content, std::int64_t{piece}}));
  return {};
}

Result<std::vector<store::BlobId>> release_content(Transaction& transaction, const BucketRow& bucket,
                                                   std::string_view content) {
  bool used = false;
  TRY(transaction.query(kContentUsed, {bucket.account, bucket.region, content},
                        [&](const Row&) { used = true; }));
  std::vector<store::BlobId> blobs;
  if (used) return blobs;
  for (Piece& piece : TRY(list_pieces(transaction, bucket, content))) blobs.push_back(std::move(piece.blob));
  TRY(transaction.execute(kDeletePieces, {bucket.account, bucket.region, content}));
  return blobs;
}

Result<bool> is_blob_in_use(Transaction& transaction, const store::BlobId& blob) {
  bool used = false;
  TRY(transaction.query(kBlobUsed, {blob.text()}, [&](const Row&) { used = true; }));
  return used;
}

}  // namespace tables
}  // namespace sightline::buckets
