// Objects that come and go in one.

#include <fmt/format.h>

#include <algorithm>

#include "cloud/buckets/buckets.h"
#include "cloud/buckets/lookup.h"
#include "cloud/buckets/transact.h"

namespace sightline::buckets {

using store::Transaction;

Answer<Buckets::Garbage> Buckets::replace(Transaction& transaction, const BucketRow& bucket,
                                          const ObjectRow& object, const Conditions& conditions,
                                          Change change, const Origin& origin) {
  const auto old = TRY(tables::find_object(transaction, bucket, object.info.key));
  TRY(check_replaced(conditions, old));
  TRY(tables::put_object(transaction, bucket, object));
  TRY(notify(transaction, bucket, change, object.info, origin));
  if (!old) return Garbage{};
  return Garbage{old->content, TRY(tables::release_content(transaction, bucket, old->content))};
}

Answer<Buckets::Garbage> Buckets::erase(Transaction& transaction, const BucketRow& bucket,
                                        const std::string& key, const Origin& origin) {
  const auto old = TRY(tables::find_object(transaction, bucket, key));
  ObjectInfo gone;
  gone.key = key;
  TRY(notify(transaction, bucket, Change::deleted, gone, origin));
  if (!old) return Garbage{};
  TRY(tables::delete_object(transaction, bucket, key));
  return Garbage{old->content, TRY(tables::release_content(transaction, bucket, old->content))};
}

Answer<ContentWriter> Buckets::new_content(ChecksumAlgorithm kept, std::optional<ChecksumAlgorithm> checked) {
  return ContentWriter(TRY(blobs_.create()), kept, checked);
}

Answer<void> Buckets::may_put(const ObjectName& name, const PutOptions& options) {
  TRY(check_new_object(name.key, options.attributes));
  return read<void>(database_, [&](Transaction& transaction) -> Answer<void> {
    const BucketRow bucket = TRY(need_bucket(transaction, name.account, name.bucket));
    return check_replaced(options.conditions, TRY(tables::find_object(transaction, bucket, name.key)));
  });
}

Answer<ObjectInfo> Buckets::put(const ObjectName& name, ContentWriter content, const PutOptions& options) {
  return put_content(name, std::move(content), options, Change::put);
}

Answer<ObjectInfo> Buckets::put_content(const ObjectName& name, ContentWriter content,
                                        const PutOptions& options, Change change) {
  TRY(check_new_object(name.key, options.attributes));
  const SealedContent sealed = TRY(content.seal(options.expected));
  ObjectRow object;
  object.content = sealed.blob.text();
  object.info.key = name.key;
  object.info.size = sealed.size;
  object.info.etag = sealed.md5;
  object.info.checksum = {sealed.algorithm, ChecksumType::full_object, sealed.checksum};
  object.info.attributes = options.attributes;
  auto garbage = write<Garbage>(database_, [&](Transaction& transaction) -> Answer<Garbage> {
    object.info.modified = clock_.now();
    const BucketRow bucket = TRY(need_bucket(transaction, name.account, name.bucket));
    TRY(tables::put_piece(transaction, bucket, object.content,
                          {1, sealed.blob, sealed.size, sealed.md5, sealed.checksum, object.info.modified}));
    return replace(transaction, bucket, object, options.conditions, change, options.origin);
  });
  if (!garbage) {
    unwanted(sealed.blob, garbage.error());
    return std::unexpected(garbage.error());
  }
  discard(*std::move(garbage));
  return std::move(object.info);
}

void Buckets::unwanted(const store::BlobId& blob, const Failure& why) {
  // After an error of the device nobody knows whether the row will be there: then the sweep decides.
  if (why.problem == Problem::storage && why.error.kind != ErrorKind::no_space) return;
  static_cast<void>(blobs_.remove(blob));
}

Answer<std::unique_ptr<ObjectReader>> Buckets::open(const ObjectName& name) {
  struct Found {
    ObjectRow object;
    std::vector<Piece> pieces;
  };
  std::string missing;
  while (true) {
    auto found = TRY(read<Found>(database_, [&](Transaction& transaction) -> Answer<Found> {
      const BucketRow bucket = TRY(need_bucket(transaction, name.account, name.bucket));
      ObjectRow object = TRY(need_object(transaction, bucket, name.key));
      auto pieces = TRY(tables::list_pieces(transaction, bucket, object.content));
      return Found{std::move(object), std::move(pieces)};
    }));
    const std::string content = found.object.content;
    auto reader = ObjectReader::open(blobs_, pins_, std::move(found.object), found.pieces);
    if (reader) return *std::move(reader);
    if (reader.error().kind != ErrorKind::not_found) return std::unexpected(Failure(reader.error()));
    // Replaced or deleted since its row was read: look again. Its row still there, its bytes are lost.
    if (content == missing)
      return std::unexpected(
          Failure(Error{ErrorKind::corrupt, fmt::format("the content of object '{}' in bucket '{}' is lost: "
                                                        "{}; restore it from a backup",
                                                        name.key, name.bucket, reader.error().message)}));
    missing = content;
  }
}

Answer<ObjectInfo> Buckets::find(const ObjectName& name) {
  return read<ObjectInfo>(database_, [&](Transaction& transaction) -> Answer<ObjectInfo> {
    const BucketRow bucket = TRY(need_bucket(transaction, name.account, name.bucket));
    return TRY(need_object(transaction, bucket, name.key)).info;
  });
}

Answer<void> Buckets::remove(const ObjectName& name, const Origin& origin) {
  return remove_all(name.account, name.bucket, {name.key}, origin);
}

Answer<void> Buckets::remove_all(std::string_view account, std::string_view bucket_name,
                                 const std::vector<std::string>& keys, const Origin& origin) {
  auto garbage = TRY(
      write<std::vector<Garbage>>(database_, [&](Transaction& transaction) -> Answer<std::vector<Garbage>> {
        const BucketRow bucket = TRY(need_bucket(transaction, account, bucket_name));
        std::vector<Garbage> left;
        left.reserve(keys.size());
        for (const std::string& key : keys) left.push_back(TRY(erase(transaction, bucket, key, origin)));
        return left;
      }));
  for (Garbage& one : garbage) discard(std::move(one));
  return {};
}

}  // namespace sightline::buckets
