#include "sight/media/exif.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

namespace sightline::media {
namespace {

constexpr std::uint16_t kOrientation = 0x0112;
constexpr std::uint16_t kExifIfd = 0x8769;
constexpr std::uint16_t kGpsIfd = 0x8825;
constexpr std::uint16_t kInteropIfd = 0xA005;
constexpr std::uint16_t kTypeShort = 3;
constexpr std::uint16_t kTypeLong = 4;
constexpr std::size_t kMaxExif = 64'000;  // values and rows; a JPEG segment holds 65,533 bytes in all
constexpr int kMaxDepth = 3;

/// Tags that are, or lead to, a second picture. Sorted.
constexpr std::array<std::uint16_t, 17> kPictureTags = {
    0x0111,  // StripOffsets
    0x0117,  // StripByteCounts
    0x0144,  // TileOffsets
    0x0145,  // TileByteCounts
    0x014A,  // SubIFDs
    0x015B,  // JPEGTables
    0x0201,  // JPEGInterchangeFormat
    0x0202,  // JPEGInterchangeFormatLength
    0x02BC,  // XMP packet
    0x501B,  // ThumbnailData (GDI+)
    0x8649,  // Photoshop resources
    0x8773,  // ICC profile: carried on its own
    0x927C,  // MakerNote
    0xB000,  // MPFVersion
    0xB001,  // NumberOfImages
    0xB002,  // MPEntry
    0xC634,  // DNGPrivateData
};

struct Entry {
  std::uint16_t tag = 0;
  std::uint16_t type = 0;
  std::uint32_t count = 0;
  std::span<const std::uint8_t> value;  ///< in the input's byte order
};

std::size_t type_size(std::uint16_t type) {
  switch (type) {
    case 1:
    case 2:
    case 6:
    case 7:
      return 1;
    case 3:
    case 8:
      return 2;
    case 4:
    case 9:
    case 11:
    case 13:
      return 4;
    case 5:
    case 10:
    case 12:
      return 8;
    default:
      return 0;
  }
}

/// Reads IFDs. Every access is checked against the span.
class TiffReader {
 public:
  static std::optional<TiffReader> open(std::span<const std::uint8_t> bytes) {
    if (bytes.size() < 8) return std::nullopt;
    const bool little = bytes[0] == 'I' && bytes[1] == 'I';
    const bool big = bytes[0] == 'M' && bytes[1] == 'M';
    if (!little && !big) return std::nullopt;
    TiffReader reader(bytes, little);
    if (reader.u16(2) != 42) return std::nullopt;
    return reader;
  }

  [[nodiscard]] bool little_endian() const { return little_; }
  [[nodiscard]] std::uint32_t first_ifd() const { return u32(4); }

  /// The readable entries of the IFD at `offset`; those whose value lies outside are left out.
  [[nodiscard]] std::vector<Entry> entries(std::uint32_t offset) const {
    std::vector<Entry> found;
    if (!inside(offset, 2)) return found;
    const std::size_t count = u16(offset);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t at = offset + 2 + i * 12;
      if (!inside(at, 12)) break;
      Entry entry{u16(at), u16(at + 2), u32(at + 4), {}};
      const std::size_t unit = type_size(entry.type);
      if (unit == 0 || entry.count == 0 || entry.count > bytes_.size() / unit) continue;
      const std::size_t length = unit * entry.count;
      const std::size_t start = length <= 4 ? at + 8 : u32(at + 8);
      if (!inside(start, length)) continue;
      entry.value = bytes_.subspan(start, length);
      found.push_back(entry);
    }
    return found;
  }

  /// The first number of a SHORT or LONG entry.
  [[nodiscard]] std::optional<std::uint32_t> number(const Entry& entry) const {
    const auto at = static_cast<std::size_t>(entry.value.data() - bytes_.data());
    if (entry.type == kTypeShort) return u16(at);
    if (entry.type == kTypeLong || entry.type == 13) return u32(at);
    return std::nullopt;
  }

 private:
  TiffReader(std::span<const std::uint8_t> bytes, bool little) : bytes_(bytes), little_(little) {}
  [[nodiscard]] bool inside(std::size_t at, std::size_t length) const {
    return at <= bytes_.size() && length <= bytes_.size() - at;
  }
  [[nodiscard]] std::uint16_t u16(std::size_t at) const {
    if (!inside(at, 2)) return 0;
    const unsigned a = bytes_[at];
    const unsigned b = bytes_[at + 1];
    return static_cast<std::uint16_t>(little_ ? a | b << 8 : a << 8 | b);
  }
  [[nodiscard]] std::uint32_t u32(std::size_t at) const {
    const std::uint32_t a = u16(at);
    const std::uint32_t b = u16(at + 2);
    return little_ ? a | b << 16 : a << 16 | b;
  }

  std::span<const std::uint8_t> bytes_;
  bool little_;
};

class TiffWriter {
 public:
  explicit TiffWriter(bool little) : little_(little) {
    bytes_ = little ? Bytes{'I', 'I'} : Bytes{'M', 'M'};
    put16(42);
    put32(8);
  }
  void put16(std::uint16_t value) {
    const auto low = static_cast<std::uint8_t>(value);
    const auto high = static_cast<std::uint8_t>(value >> 8);
    bytes_.push_back(little_ ? low : high);
    bytes_.push_back(little_ ? high : low);
  }
  void put32(std::uint32_t value) {
    const auto low = static_cast<std::uint16_t>(value);
    const auto high = static_cast<std::uint16_t>(value >> 16);
    put16(little_ ? low : high);
    put16(little_ ? high : low);
  }
  void put(std::span<const std::uint8_t> data) { bytes_.insert(bytes_.end(), data.begin(), data.end()); }
  void pad_to(std::size_t size) {
    while (bytes_.size() < size) bytes_.push_back(0);
  }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  /// Replaces what stands at `at` by `other` without its header.
  void overwrite(std::size_t at, const TiffWriter& other) {
    std::copy(other.bytes_.begin() + kHeader, other.bytes_.end(),
              bytes_.begin() + static_cast<std::ptrdiff_t>(at));
  }
  [[nodiscard]] Bytes take() { return std::move(bytes_); }
  static constexpr std::ptrdiff_t kHeader = 8;

 private:
  Bytes bytes_;
  bool little_;
};

bool contains(std::span<const std::uint8_t> bytes, std::string_view needle) {
  return std::search(bytes.begin(), bytes.end(), needle.begin(), needle.end(),
                     [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); }) != bytes.end();
}

bool holds_picture(std::span<const std::uint8_t> value) {
  return contains(value, "\xFF\xD8\xFF") || contains(value, "\x89PNG\r\n") || contains(value, "WEBPVP8") ||
         contains(value, "ftyp");
}

std::optional<std::uint16_t> child_of(std::uint16_t tag) {
  if (tag == kExifIfd || tag == kGpsIfd || tag == kInteropIfd) return tag;
  return std::nullopt;
}

/// Copies an IFD and those it leads to. Values stay in the input's byte order.
class ExifCopier {
 public:
  ExifCopier(const TiffReader& reader, int orientation)
      : reader_(reader), writer_(reader.little_endian()), orientation_(orientation) {}

  Bytes copy() {
    copy_ifd(reader_.first_ifd(), 0);
    return writer_.take();
  }

 private:
  /// What is copied of an IFD, sorted by tag; of repeated tags the first.
  std::map<std::uint16_t, Entry> wanted(std::uint32_t offset, int depth) {
    std::map<std::uint16_t, Entry> found;
    if (depth == 0 && orientation_ != 1) found.emplace(kOrientation, Entry{kOrientation, kTypeShort, 1, {}});
    for (const Entry& entry : reader_.entries(offset)) {
      if (entry.tag == kOrientation || std::ranges::binary_search(kPictureTags, entry.tag)) continue;
      if (found.contains(entry.tag)) continue;
      if (child_of(entry.tag) ? depth + 1 < kMaxDepth && reader_.number(entry) : affordable(entry)) {
        found.emplace(entry.tag, entry);
      }
    }
    return found;
  }

  /// False for values that hold a picture or no longer fit. Both budgets bound the work on hostile rows
  /// that all name the same bytes.
  bool affordable(const Entry& entry) {
    const std::size_t cost = 12 + entry.value.size() + entry.value.size() % 2;
    if (cost > size_budget_ || cost > scan_budget_) return false;
    scan_budget_ -= cost;
    if (holds_picture(entry.value)) return false;
    size_budget_ -= cost;
    return true;
  }

  void copy_ifd(std::uint32_t offset, int depth) {
    const std::map<std::uint16_t, Entry> entries = wanted(offset, depth);
    std::size_t row = writer_.size() + 2;
    writer_.put16(static_cast<std::uint16_t>(entries.size()));
    writer_.pad_to(row + entries.size() * 12 + 4);  // ends in a zero link: no IFD1
    for (const auto& [tag, entry] : entries) {
      copy_entry(entry, row, depth);
      row += 12;
    }
  }

  void copy_entry(const Entry& entry, std::size_t at, int depth) {
    TiffWriter row(reader_.little_endian());
    row.put16(entry.tag);
    if (entry.tag == kOrientation) {
      row.put16(kTypeShort);
      row.put32(1);
      row.put16(static_cast<std::uint16_t>(orientation_));
    } else if (child_of(entry.tag)) {
      row.put16(kTypeLong);
      row.put32(1);
      row.put32(static_cast<std::uint32_t>(writer_.size()));
      copy_ifd(*reader_.number(entry), depth + 1);
    } else {
      row.put16(entry.type);
      row.put32(entry.count);
      if (entry.value.size() <= 4) {
        row.put(entry.value);
      } else {
        row.put32(static_cast<std::uint32_t>(writer_.size()));
        writer_.put(entry.value);
        writer_.pad_to(writer_.size() + writer_.size() % 2);
      }
    }
    writer_.overwrite(at, row);
  }

  const TiffReader& reader_;
  TiffWriter writer_;
  int orientation_;
  std::size_t size_budget_ = kMaxExif;
  std::size_t scan_budget_ = 16 * kMaxExif;
};

}  // namespace

int exif_orientation(std::span<const std::uint8_t> tiff) {
  const auto reader = TiffReader::open(tiff);
  if (!reader) return 1;
  for (const Entry& entry : reader->entries(reader->first_ifd())) {
    if (entry.tag != kOrientation) continue;
    const std::uint32_t value = reader->number(entry).value_or(1);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

Bytes minimal_exif(int orientation) {
  TiffWriter writer(false);
  writer.put16(1);
  writer.put16(kOrientation);
  writer.put16(kTypeShort);
  writer.put32(1);
  writer.put16(static_cast<std::uint16_t>(orientation));
  writer.put16(0);
  writer.put32(0);
  return writer.take();
}

Bytes exif_without_pictures(std::span<const std::uint8_t> tiff, int orientation) {
  const auto reader = TiffReader::open(tiff);
  if (!reader) return minimal_exif(orientation);
  return ExifCopier(*reader, orientation).copy();
}

bool xmp_is_picture_free(std::span<const std::uint8_t> xmp) {
  constexpr std::array<std::string_view, 12> kMarks = {
      "xmpGImg", "xapGImg", "Thumbnails", "GImage",     "GDepth",      "GPano:Data",
      "hdrgm",   "HDRGain", "Container:", "MicroVideo", "MotionPhoto", "HasExtendedXMP"};
  return std::ranges::none_of(kMarks, [&](std::string_view mark) { return contains(xmp, mark); });
}

Bytes iptc_resource(std::span<const std::uint8_t> blocks) {
  // Each block: "8BIM", id (2), Pascal name padded to even, length (4), data padded to even.
  std::size_t at = 0;
  const auto left = [&] { return blocks.size() - at; };
  while (left() >= 12 && std::memcmp(&blocks[at], "8BIM", 4) == 0) {
    const std::size_t start = at;
    const unsigned id = unsigned{blocks[at + 4]} << 8 | blocks[at + 5];
    const std::size_t name = (std::size_t{blocks[at + 6]} + 2) & ~std::size_t{1};
    at += 6;
    if (left() < name + 4) break;
    at += name;
    const std::size_t length = std::size_t{blocks[at]} << 24 | std::size_t{blocks[at + 1]} << 16 |
                               std::size_t{blocks[at + 2]} << 8 | blocks[at + 3];
    at += 4;
    if (left() < length) break;
    if (id == 0x0404) {
      Bytes block(blocks.begin() + static_cast<std::ptrdiff_t>(start),
                  blocks.begin() + static_cast<std::ptrdiff_t>(at + length));
      if (holds_picture(block)) return {};
      if (length % 2 != 0) block.push_back(0);
      return block;
    }
    at += length;
    if (length % 2 != 0 && left() > 0) ++at;
  }
  return {};
}

Bytes clean_icc(std::span<const std::uint8_t> profile) {
  constexpr std::size_t kHeader = 132;
  if (profile.size() < kHeader || std::memcmp(&profile[36], "acsp", 4) != 0) return {};
  const std::size_t stated = std::size_t{profile[0]} << 24 | std::size_t{profile[1]} << 16 |
                             std::size_t{profile[2]} << 8 | profile[3];
  if (stated < kHeader || stated > profile.size()) return {};
  return Bytes(profile.begin(), profile.begin() + static_cast<std::ptrdiff_t>(stated));
}

std::span<const std::uint8_t> without_exif_prefix(std::span<const std::uint8_t> bytes) {
  const bool prefixed = bytes.size() >= 6 && std::memcmp(bytes.data(), "Exif\0\0", 6) == 0;
  return prefixed ? bytes.subspan(6) : bytes;
}

}  // namespace sightline::media
