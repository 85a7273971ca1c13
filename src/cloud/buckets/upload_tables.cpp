#include "cloud/buckets/upload_tables.h"

#include "cloud/buckets/record.h"

namespace sightline::buckets::tables {

using store::Row;
using store::Transaction;

Result<void> insert_upload(Transaction& transaction, const BucketRow& bucket, const UploadRow& upload) {
  const Bytes attributes = encode_attributes(upload.attributes);
  TRY(transaction.execute(kInsertUpload, {bucket.account, bucket.region, bucket.name, bytes(upload.key),
                                          upload.content, number(upload.started), name_of(upload.algorithm),
                                          name_of(upload.type), store::BytesView(attributes)}));
  return {};
}

Result<std::optional<UploadRow>> find_upload(Transaction& transaction, const BucketRow& bucket,
                                             std::string_view key, std::string_view id) {
  std::optional<UploadRow> upload;
  Result<Attributes> attributes;
  TRY(transaction.query(kFindUpload, {bucket.account, bucket.region, bucket.name, id, bytes(key)},
                        [&](const Row& row) {
                          upload.emplace(std::string(key), std::string(id), instant(row.integer(0)));
                          upload->algorithm = checksum_algorithm(row.text(1)).value_or(upload->algorithm);
                          upload->type = checksum_type(row.text(2));
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
    UploadRow& upload = uploads.emplace_back(std::string(store::text(row.bytes(0))), std::string(row.text(1)),
                                             instant(row.integer(2)));
    upload.algorithm = checksum_algorithm(row.text(3)).value_or(upload.algorithm);
    upload.type = checksum_type(row.text(4));
  }));
  return uploads;
}

}  // namespace sightline::buckets::tables
