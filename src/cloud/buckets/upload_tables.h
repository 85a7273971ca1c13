#pragma once
// The table of uploads in parts that are under way.

#include "cloud/buckets/tables.h"
#include "cloud/buckets/uploads.h"

namespace sightline::buckets {

inline constexpr std::string_view kInsertUpload =
    "INSERT INTO uploads (account, region, bucket, object_key, content, started, checksum_algorithm, "
    "checksum_type, attributes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
inline constexpr std::string_view kFindUpload =
    "SELECT started, checksum_algorithm, checksum_type, attributes FROM uploads "
    "WHERE account = $1 AND region = $2 AND bucket = $3 AND content = $4 AND object_key = $5";
inline constexpr std::string_view kDeleteUpload =
    "DELETE FROM uploads WHERE account = $1 AND region = $2 AND bucket = $3 AND content = $4";
inline constexpr std::string_view kBucketUploads =
    "SELECT object_key, content, started, checksum_algorithm, checksum_type FROM uploads "
    "WHERE account = $1 AND region = $2 AND bucket = $3 ORDER BY object_key, started, content";
[[nodiscard]] ChecksumType checksum_type(std::string_view name);

struct UploadRow {
  std::string key;
  std::string content;  ///< the upload's id
  UploadInfo info;
  Attributes attributes = {};
};

namespace tables {

Result<void> insert_upload(store::Transaction& transaction, const BucketRow& bucket, const UploadRow& upload);
Result<std::optional<UploadRow>> find_upload(store::Transaction& transaction, const BucketRow& bucket,
                                             std::string_view key, std::string_view id);
Result<void> delete_upload(store::Transaction& transaction, const BucketRow& bucket, std::string_view id);
/// All uploads into the bucket, without their attributes: by key, those of one key as they were begun.
Result<std::vector<UploadRow>> bucket_uploads(store::Transaction& transaction, const BucketRow& bucket);

}  // namespace tables
}  // namespace sightline::buckets
