#include "cloud/buckets/object_reader.h"

#include <fmt/format.h>

#include <algorithm>

namespace sightline::buckets {

namespace {

std::vector<store::BlobId> blobs_of(const std::vector<Piece>& pieces) {
  std::vector<store::BlobId> blobs;
  blobs.reserve(pieces.size());
  for (const Piece& piece : pieces) blobs.push_back(piece.blob);
  return blobs;
}

}  // namespace

ObjectReader::ObjectReader(store::BlobStore& blobs, ContentPins& pins, ObjectRow object,
                           const std::vector<Piece>& pieces)
    : blobs_(blobs), pin_(pins, object.content, blobs_of(pieces)), object_(std::move(object)) {}

Result<std::unique_ptr<ObjectReader>> ObjectReader::open(store::BlobStore& blobs, ContentPins& pins,
                                                         ObjectRow object, const std::vector<Piece>& pieces) {
  std::unique_ptr<ObjectReader> reader(new ObjectReader(blobs, pins, std::move(object), pieces));
  std::uint64_t offset = 0;
  for (const Piece& piece : pieces) {
    reader->extents_.push_back({piece.blob, {offset, piece.size}, piece.checksum});
    offset += piece.size;
  }
  if (reader->extents_.empty() || offset != reader->object_.info.size)
    return fail(ErrorKind::corrupt, fmt::format("the pieces of object '{}' are not all there; restore the "
                                                "database from a backup",
                                                reader->object_.info.key));
  TRY(reader->enter(0));
  return reader;
}

Result<void> ObjectReader::enter(std::size_t extent) {
  blob_ = TRY(blobs_.open(extents_[extent].blob));
  current_ = extent;
  if (blob_->size() != extents_[extent].range.size)
    return fail(ErrorKind::corrupt, fmt::format("a blob of object '{}' has another size than it was written "
                                                "with; restore it from a backup",
                                                object_.info.key));
  return {};
}

Result<std::size_t> ObjectReader::read_at(std::uint64_t offset, std::span<char> into) {
  if (offset >= object_.info.size || into.empty()) return 0;
  // The last extent that starts at or before the offset; none but that of an empty object is empty.
  const auto after = std::ranges::upper_bound(extents_, offset, {},
                                              [](const Extent& extent) { return extent.range.offset; });
  const auto extent = static_cast<std::size_t>(after - extents_.begin()) - 1;
  if (extent != current_) TRY(enter(extent));
  return blob_->read_at(offset - extents_[extent].range.offset, into);
}

std::optional<Descriptor> ObjectReader::file() const {
  if (extents_.size() != 1) return std::nullopt;
  return blob_->file();
}

std::optional<PartRange> ObjectReader::part(int place) const {
  if (place < 1 || static_cast<std::size_t>(place) > extents_.size()) return std::nullopt;
  return extents_[static_cast<std::size_t>(place) - 1].range;
}

std::optional<ObjectChecksum> ObjectReader::part_checksum(int place) const {
  const auto& whole = object_.info.checksum;
  if (!whole || whole->type != ChecksumType::composite || !part(place)) return std::nullopt;
  const std::string& value = extents_[static_cast<std::size_t>(place) - 1].checksum;
  if (value.empty()) return std::nullopt;
  return ObjectChecksum{whole->algorithm, whole->type, value};
}

}  // namespace sightline::buckets
