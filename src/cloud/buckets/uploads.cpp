#include "cloud/buckets/uploads.h"

#include <fmt/format.h>

#include "cloud/buckets/buckets.h"
#include "cloud/buckets/lookup.h"
#include "cloud/buckets/transact.h"
#include "cloud/buckets/upload_completion.h"
#include "cloud/buckets/upload_tables.h"

namespace sightline::buckets {
namespace {

using store::Transaction;

struct Found {
  BucketRow bucket;
  UploadRow upload;
};

/// crc64nvme is the CRC of the whole only; hashes of the parts cannot be combined to that of the whole.
bool can_be(const UploadChecksum& checksum) {
  return checksum.type == ChecksumType::full_object ? is_crc(checksum.algorithm)
                                                    : checksum.algorithm != ChecksumAlgorithm::crc64nvme;
}

std::unexpected<Failure> no_such_upload(std::string_view id) {
  return refuse(Problem::no_such_upload, fmt::format("there is no upload '{}'", id));
}

Answer<Found> need_upload(Transaction& transaction, const UploadName& name) {
  BucketRow bucket = TRY(need_bucket(transaction, name.object.account, name.object.bucket));
  auto upload = TRY(tables::find_upload(transaction, bucket, name.object.key, name.id));
  if (!upload) return no_such_upload(name.id);
  return Found{std::move(bucket), *std::move(upload)};
}

}  // namespace

Answer<std::string> Buckets::begin_upload(const ObjectName& name, const UploadOptions& options) {
  TRY(check_new_object(name.key, options.attributes));
  if (options.checksum && !can_be(*options.checksum))
    return refuse(Problem::unsupported_checksum,
                  fmt::format("{} has no checksum of type {}", name_of(options.checksum->algorithm),
                              name_of(options.checksum->type)),
                  {.algorithm = options.checksum->algorithm, .type = options.checksum->type});
  UploadRow upload{name.key, store::BlobId::make(random_).text(), {clock_.now(), options.checksum}};
  upload.attributes = options.attributes;
  return write<std::string>(database_, [&](Transaction& transaction) -> Answer<std::string> {
    const BucketRow bucket = TRY(need_bucket(transaction, name.account, name.bucket));
    TRY(tables::insert_upload(transaction, bucket, upload));
    return upload.content;
  });
}

Answer<UploadInfo> Buckets::find_upload(const UploadName& name) {
  return read<UploadInfo>(database_, [&](Transaction& transaction) -> Answer<UploadInfo> {
    return TRY(need_upload(transaction, name)).upload.info;
  });
}

Answer<PartInfo> Buckets::put_part(const UploadName& name, int part, ContentWriter content,
                                   const Expected& expected) {
  if (part < 1 || part > kMaxParts)
    return refuse(Problem::invalid_part_number, fmt::format("parts are numbered from 1 to {}", kMaxParts));
  const SealedContent sealed = TRY(content.seal(expected));
  Piece piece{part, sealed.blob, sealed.size, sealed.md5, sealed.checksum, clock_.now()};
  auto old =
      write<std::optional<Piece>>(database_, [&](Transaction& transaction) -> Answer<std::optional<Piece>> {
        const Found found = TRY(need_upload(transaction, name));
        auto before = TRY(tables::find_piece(transaction, found.bucket, name.id, part));
        TRY(tables::put_piece(transaction, found.bucket, name.id, piece));
        return before;
      });
  if (!old) {
    unwanted(sealed.blob, old.error());
    return std::unexpected(old.error());
  }
  if (*old) static_cast<void>(blobs_.remove((*old)->blob));
  return PartInfo{piece.number, piece.size, piece.etag, piece.checksum, piece.modified};
}

Answer<std::vector<PartInfo>> Buckets::list_parts(const UploadName& name, int after) {
  return read<std::vector<PartInfo>>(
      database_, [&](Transaction& transaction) -> Answer<std::vector<PartInfo>> {
        const Found found = TRY(need_upload(transaction, name));
        std::vector<PartInfo> parts;
        for (Piece& piece : TRY(tables::list_pieces(transaction, found.bucket, name.id))) {
          if (piece.number <= after) continue;
          parts.push_back(
              {piece.number, piece.size, std::move(piece.etag), std::move(piece.checksum), piece.modified});
        }
        return parts;
      });
}

Answer<ObjectInfo> Buckets::complete_upload(const UploadName& name, const std::vector<ChosenPart>& parts,
                                            const CompleteOptions& options) {
  ObjectRow object;
  std::vector<store::BlobId> left_out;
  auto garbage = TRY(write<Garbage>(database_, [&](Transaction& transaction) -> Answer<Garbage> {
    left_out.clear();
    const BucketRow bucket = TRY(need_bucket(transaction, name.object.account, name.object.bucket));
    const auto upload = TRY(tables::find_upload(transaction, bucket, name.object.key, name.id));
    if (!upload) {
      const auto there = TRY(tables::find_object(transaction, bucket, name.object.key));
      if (!there || there->content != name.id) return no_such_upload(name.id);
      object = *there;
      return Garbage{};
    }
    const auto pieces = TRY(tables::list_pieces(transaction, bucket, name.id));
    const auto chosen = TRY(choose_pieces(*upload, pieces, parts, options, options_.min_part));
    object = TRY(assemble(*upload, chosen, options));
    object.info.modified = clock_.now();
    for (const Piece& piece : pieces) {
      if (find_piece(chosen, piece.number) != nullptr) continue;
      TRY(tables::delete_piece(transaction, bucket, name.id, piece.number));
      left_out.push_back(piece.blob);
    }
    TRY(tables::delete_upload(transaction, bucket, name.id));
    return replace(transaction, bucket, object, options.conditions, Change::uploaded_in_parts,
                   options.origin);
  }));
  for (const store::BlobId& blob : left_out) static_cast<void>(blobs_.remove(blob));
  discard(std::move(garbage));
  return std::move(object.info);
}

Answer<void> Buckets::abort_upload(const UploadName& name) {
  discard(TRY(write<Garbage>(database_, [&](Transaction& transaction) -> Answer<Garbage> {
    const Found found = TRY(need_upload(transaction, name));
    TRY(tables::delete_upload(transaction, found.bucket, name.id));
    return Garbage{name.id, TRY(tables::release_content(transaction, found.bucket, name.id))};
  })));
  return {};
}

}  // namespace sightline::buckets
