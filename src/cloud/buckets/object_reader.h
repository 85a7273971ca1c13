#pragma once
// An object on its way out, from any offset.

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/descriptor.h"
#include "cloud/buckets/content_pins.h"
#include "cloud/buckets/tables.h"

namespace sightline::buckets {

/// Where a part lies in its object.
struct PartRange {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

/// Of one thread. Reads the object that was there when it was opened, whatever becomes of it meanwhile.
class ObjectReader {
 public:
  /// Opens the first piece: not_found when the content is gone since `object` was read.
  [[nodiscard]] static Result<std::unique_ptr<ObjectReader>> open(store::BlobStore& blobs, ContentPins& pins,
                                                                  ObjectRow object,
                                                                  const std::vector<Piece>& pieces);

  [[nodiscard]] const ObjectInfo& info() const { return object_.info; }
  /// How many bytes from `offset` on were read: at least one, but at the end.
  [[nodiscard]] Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into);
  /// The object as a file open for reading, which stays readable whatever becomes of the object; nullopt
  /// where it lies in several pieces, or not in a file.
  [[nodiscard]] std::optional<Descriptor> file() const;
  /// Of the part with this place in the object, from 1. An object that came in one is its only part.
  [[nodiscard]] std::optional<PartRange> part(int place) const;
  /// The checksum of this part of an object whose own checksum is made of those of its parts; nullopt for
  /// others.
  [[nodiscard]] std::optional<ObjectChecksum> part_checksum(int place) const;

 private:
  struct Extent {
    store::BlobId blob;
    PartRange range;
    std::string checksum;  ///< Base64; may be empty
  };
  ObjectReader(store::BlobStore& blobs, ContentPins& pins, ObjectRow object,
               const std::vector<Piece>& pieces);
  [[nodiscard]] Result<void> enter(std::size_t extent);

  store::BlobStore& blobs_;
  ContentPins::Pin pin_;
  ObjectRow object_;
  std::vector<Extent> extents_;
  std::size_t current_ = 0;  ///< the extent that is open
  std::unique_ptr<store::BlobReader> blob_;
};

}  // namespace sightline::buckets
