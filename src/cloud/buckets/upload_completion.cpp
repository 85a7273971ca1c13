#include "cloud/buckets/upload_completion.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hex.h"
#include "cloud/buckets/lookup.h"

namespace sightline::buckets {
namespace {

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

std::unexpected<Failure> invalid_part(const ChosenPart& part) {
  return refuse(Problem::invalid_part, fmt::format("part {} is not there, or is another", part.number),
                {.part = part.number, .etag = part.etag});
}

/// Whether the part that the client chose is this one. Where a composite checksum was chosen for the upload,
/// the client gives that of each part; where none was chosen, it gives none.
Answer<void> check_part(const UploadRow& upload, const ChosenPart& part, const Piece* piece) {
  const auto& chosen = upload.info.chosen;
  if (piece == nullptr || piece->etag != part.etag || (!chosen && part.checksum)) return invalid_part(part);
  if (!chosen) return {};
  const bool given = part.checksum && part.checksum->algorithm == chosen->algorithm;
  if (given && part.checksum->value != piece->checksum) return invalid_part(part);
  if (given || chosen->type == ChecksumType::full_object) return {};
  if (part.checksum)
    return refuse(
        Problem::other_part_checksum,
        fmt::format("the checksum of part {} is by another algorithm than the upload's", part.number),
        {.part = part.number, .algorithm = part.checksum->algorithm});
  return refuse(Problem::part_checksum_missing,
                fmt::format("the checksum of part {} is missing", part.number),
                {.part = part.number, .algorithm = chosen->algorithm});
}

Answer<void> check_piece_sizes(const std::vector<Piece>& chosen, std::uint64_t min_part) {
  for (std::size_t i = 0; i + 1 < chosen.size(); ++i) {
    const Piece& piece = chosen[i];
    if (piece.size >= min_part) continue;
    return refuse(Problem::part_too_small,
                  fmt::format("part {} has {} bytes; all but the last have {} at least", piece.number,
                              piece.size, min_part),
                  {.part = piece.number, .etag = piece.etag, .size = piece.size, .expected = min_part});
  }
  return {};
}

std::optional<ObjectChecksum> checksum_of(const UploadChecksum& wanted, const std::vector<Piece>& pieces) {
  std::vector<PartChecksum> parts;
  parts.reserve(pieces.size());
  for (const Piece& piece : pieces) parts.push_back({piece.checksum, piece.size});
  auto value = wanted.type == ChecksumType::full_object ? full_checksum(wanted.algorithm, parts)
                                                        : composite_checksum(wanted.algorithm, parts);
  if (!value) return std::nullopt;
  return ObjectChecksum{wanted.algorithm, wanted.type, *std::move(value)};
}

/// A checksum of the whole without a type is taken for one of the algorithm's default type, as S3 does: for a
/// CRC32 that is composite, whatever the upload's type.
Answer<void> check_whole(const UploadInfo& upload, const std::optional<ObjectChecksum>& whole,
                         const CompleteOptions& options) {
  if (!options.checksum) return {};
  const UploadChecksum kept = upload.checksum();
  const GivenChecksum& given = *options.checksum;
  const bool same_algorithm = given.algorithm == kept.algorithm;
  if (!same_algorithm && !upload.chosen) return {};
  const ChecksumType type = options.type.value_or(default_type(given.algorithm));
  if (same_algorithm && type == kept.type && whole && whole->value == given.value) return {};
  return refuse(Problem::bad_whole_checksum, "the checksum is not that of the parts",
                {.algorithm = kept.algorithm});
}

}  // namespace

const Piece* find_piece(const std::vector<Piece>& pieces, int number) {
  const auto piece = std::ranges::lower_bound(pieces, number, {}, &Piece::number);
  return piece != pieces.end() && piece->number == number ? &*piece : nullptr;
}

Answer<std::vector<Piece>> choose_pieces(const UploadRow& upload, const std::vector<Piece>& pieces,
                                         const std::vector<ChosenPart>& parts, const CompleteOptions& options,
                                         std::uint64_t min_part) {
  if (parts.empty()) return refuse(Problem::no_parts, "an object has at least one part");
  const auto not_ascending = [](const ChosenPart& a, const ChosenPart& b) { return a.number >= b.number; };
  if (std::ranges::adjacent_find(parts, not_ascending) != parts.end())
    return refuse(Problem::invalid_part_order, "the parts must be in the order of their numbers");
  const auto& own = upload.info.chosen;
  if (options.type && (!own || *options.type != own->type))
    return refuse(Problem::other_checksum_type, "the upload was begun with another type of checksum",
                  {.type = own ? std::optional(own->type) : std::nullopt});
  std::vector<Piece> chosen;
  chosen.reserve(parts.size());
  for (const ChosenPart& part : parts) {
    const Piece* const piece = find_piece(pieces, part.number);
    TRY(check_part(upload, part, piece));
    chosen.push_back(*piece);
  }
  TRY(check_piece_sizes(chosen, min_part));
  return chosen;
}

Answer<ObjectRow> assemble(const UploadRow& upload, const std::vector<Piece>& chosen,
                           const CompleteOptions& options) {
  TRY(check_new_key(upload.key));
  ObjectRow object;
  object.content = upload.content;
  object.info.key = upload.key;
  for (const Piece& piece : chosen) object.info.size += piece.size;
  object.info.etag = etag_of(chosen);
  object.info.checksum = checksum_of(upload.info.checksum(), chosen);
  object.info.parts = static_cast<int>(chosen.size());
  object.info.attributes = upload.attributes;
  if (options.size && *options.size != object.info.size)
    return refuse(Problem::size_mismatch,
                  fmt::format("the parts have {} bytes, not {}", object.info.size, *options.size),
                  {.size = object.info.size, .expected = *options.size});
  TRY(check_whole(upload.info, object.info.checksum, options));
  return object;
}

}  // namespace sightline::buckets
