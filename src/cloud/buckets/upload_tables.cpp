#include "cloud/buckets/upload_tables.h"

#include "cloud/buckets/record.h"

namespace sightline::buckets::tables {

using store::Row;
using store::Transaction;

namespace {

std::optional<UploadChecksum> chosen_checksum(std::string_view algorithm_name, std::string_view type_name) {
  const auto algorithm = checksum_algorithm(algorithm_name);
  return algorithm ? std::optional(UploadChecksum{*algorithm, checksum_type(type_name)}) : std::nullopt;
}

}  // namespace

Result<void> insert_upload(Transaction& transaction, const BucketRow& bucket, const UploadRow& upload) {
  const Bytes attributes = encode_attributes(upload.attributes);
  const auto& chosen = upload.info.chosen;
  TRY(transaction.execute(
      kInsertUpload, {bucket.account, bucket.region, bucket.name, bytes(upload.key), upload.content,
                      number(upload.info.started), chosen ? name_of(chosen->algorithm) : std::string_view(),
                      chosen ? name_of(chosen->type) : std::string_view(), store::BytesView(attributes)}));
  return {};
}

Result<std::optional<UploadRow>> find_upload(Transaction& transaction, const BucketRow& bucket,
                                             std::string_view key, std::string_view id) {
  std::optional<UploadRow> upload;
  Result<Attributes> attributes;
  TRY(transaction.query(
      kFindUpload, {bucket.account, bucket.region, bucket.name, id, bytes(key)}, [&](const Row& row) {
        upload.emplace(std::string(key), std::string(id),
                       UploadInfo{instant(row.integer(0)), chosen_checksum(row.text(1), row.text(2))});
        attributes = decode_attributes(row.bytes(3));
      }));
  if (upload) upload->attributes = TRY(std::move(attributes));
  return upload;
}

Result<void> delete_upload(Transaction& transaction, const BucketRow& bucket, std::string_view id) {
  TRY(transaction.execute(kDeleteUpload, {bucket.account, bucket.region, bucket.name, id}));
  return {};
}

Result<std::vector<UploadRow>> bucket_uploads(Transaction& transaction, const BucketRow& bucket) {
  std::vector<UploadRow> uploads;
  TRY(transaction.query(kBucketUploads, {bucket.account, bucket.region, bucket.name}, [&](const Row& row) {
    uploads.emplace_back(std::string(store::text(row.bytes(0))), std::string(row.text(1)),
                         UploadInfo{instant(row.integer(2)), chosen_checksum(row.text(3), row.text(4))});
  }));
  return uploads;
}

}  // namespace sightline::buckets::tables
