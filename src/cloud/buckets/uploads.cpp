#include "cloud/buckets/uploads.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hex.h"
#include "cloud/buckets/buckets.h"
#include "cloud/buckets/lookup.h"
#include "cloud/buckets/transact.h"
#include "cloud/buckets/upload_tables.h"

namespace sightline::buckets {
namespace {

using store::Transaction;

struct Found {
  BucketRow bucket;
  UploadRow upload;
};

/// Of pieces in the order of their numbers.
const Piece* find_piece(const std::vector<Piece>& pieces, int number) {
  const auto piece = std::ranges::lower_bound(pieces, number, {}, &Piece::number);
  return piece != pieces.end() && piece->number == number ? &*piece : nullptr;
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

/// The MD5 of the parts' MD5s, and their number.
std::string etag_of(const std::vector<Piece>& pieces) {
  Digest digest(DigestKind::md5);
  const auto value = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (const Piece& piece : pieces) {
    std::string raw;
    for (std::size_t i = 0; i + 1 < piece.etag.size(); i += 2)
      raw += static_cast<char>(value(piece.etag[i]) * 16 + value(piece.etag[i + 1]));
    digest.update(raw);
  }
  return fmt::format("{}-{}", hex(digest.finish()), pieces.size());
}

/// The pieces that the client chose, in its order.
Answer<std::vector<Piece>> choose(const std::vector<Piece>& pieces, const std::vector<ChosenPart>& parts,
                                  std::uint64_t min_part) {
  std::vector<Piece> chosen;
  for (const ChosenPart& part : parts) {
    if (!chosen.empty() && part.number <= chosen.back().number)
      return refuse(Problem::invalid_part_order, "the parts must be in the order of their numbers");
    const Piece* const piece = find_piece(pieces, part.number);
    if (!piece || piece->etag != part.etag || (part.checksum && *part.checksum != piece->checksum))
      return refuse(Problem::invalid_part, fmt::format("part {} is not there, or is another", part.number));
    chosen.push_back(*piece);
  }
  if (chosen.empty()) return refuse(Problem::invalid_part, "an object has at least one part");
  for (std::size_t i = 0; i + 1 < chosen.size(); ++i) {
    if (chosen[i].size < min_part)
      return refuse(Problem::part_too_small,
                    fmt::format("part {} has {} bytes; all but the last have {} at least", chosen[i].number,
                                chosen[i].size, min_part));
  }
  return chosen;
}

std::optional<ObjectChecksum> checksum_of(const UploadRow& upload, const std::vector<Piece>& pieces) {
  std::vector<PartChecksum> parts;
  parts.reserve(pieces.size());
  for (const Piece& piece : pieces) parts.push_back({piece.checksum, piece.size});
  auto value = upload.type == ChecksumType::full_object ? full_checksum(upload.algorithm, parts)
                                                        : composite_checksum(upload.algorithm, parts);
  if (!value) return std::nullopt;
  return ObjectChecksum{upload.algorithm, upload.type, *std::move(value)};
}

/// The object that the upload becomes.
Answer<ObjectRow> assemble(const UploadRow& upload, const std::vector<Piece>& pieces,
                           const CompleteOptions& options) {
  ObjectRow object;
  object.content = upload.content;
  object.info.key = upload.key;
  for (const Piece& piece : pieces) object.info.size += piece.size;
  object.info.etag = etag_of(pieces);
  object.info.checksum = checksum_of(upload, pieces);
  object.info.parts = static_cast<int>(pieces.size());
  object.info.attributes = upload.attributes;
  if (options.size && *options.size != object.info.size)
    return refuse(Problem::size_mismatch,
                  fmt::format("the parts have {} bytes, not {}", object.info.size, *options.size));
  if (options.checksum && (!object.info.checksum || *options.checksum != object.info.checksum->value))
    return refuse(Problem::bad_checksum, "the checksum is not that of the parts");
  return object;
}

}  // namespace

Answer<std::string> Buckets::begin_upload(const ObjectName& name, const UploadOptions& options) {
  TRY(check_sizes(name.key, options.attributes));
  UploadRow upload{name.key, store::BlobId::make(random_).text(), clock_.now()};
  upload.algorithm = options.algorithm.value_or(ChecksumAlgorithm::crc64nvme);
  const bool is_nvme = upload.algorithm == ChecksumAlgorithm::crc64nvme;
  upload.type = options.type.value_or(is_nvme ? ChecksumType::full_object : ChecksumType::composite);
  if (upload.type == ChecksumType::full_object ? !is_crc(upload.algorithm) : is_nvme)
    return refuse(
        Problem::unsupported_checksum,
        fmt::format("{} has no checksum of type {}", name_of(upload.algorithm), name_of(upload.type)));
  upload.attributes = options.attributes;
  return write<std::string>(database_, [&](Transaction& transaction) -> Answer<std::string> {
    const BucketRow bucket = TRY(need_bucket(transaction, name.account, name.bucket));
    TRY(tables::insert_upload(transaction, bucket, upload));
    return upload.content;
  });
}

Answer<UploadInfo> Buckets::find_upload(const UploadName& name) {
  return read<UploadInfo>(database_, [&](Transaction& transaction) -> Answer<UploadInfo> {
    const UploadRow upload = TRY(need_upload(transaction, name)).upload;
    return UploadInfo{upload.started, upload.algorithm, upload.type};
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
    const BucketRow bucket = TRY(need_bucket(transaction, name.object.account, name.object.bucket));
    const auto upload = TRY(tables::find_upload(transaction, bucket, name.object.key, name.id));
    if (!upload) {
      const auto there = TRY(tables::find_object(transaction, bucket, name.object.key));
      if (!there || there->content != name.id) return no_such_upload(name.id);
      object = *there;
      return Garbage{};
    }
    const auto pieces = TRY(tables::list_pieces(transaction, bucket, name.id));
    const auto chosen = TRY(choose(pieces, parts, options_.min_part));
    object = TRY(assemble(*upload, chosen, options));
    object.info.modified = clock_.now();
    for (const Piece& piece : pieces) {
      if (find_piece(chosen, piece.number)) continue;
      TRY(tables::delete_piece(transaction, bucket, name.id, piece.number));
      left_out.push_back(piece.blob);
    }
    TRY(tables::delete_upload(transaction, bucket, name.id));
    return replace(transaction, bucket, object, options.conditions, Change::uploaded_in_parts);
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
