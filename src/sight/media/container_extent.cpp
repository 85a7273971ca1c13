#include "sight/media/container_extent.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <span>

#include "base/descriptor.h"

namespace sightline::media {
namespace {

constexpr int kMaxChunks = 2'000'000;  // a fragmented mp4 of many hours has some hundred thousand

/// Reads at any place of a file; short reads show as false.
class FileWindow {
 public:
  explicit FileWindow(int descriptor) : descriptor_(descriptor) {
    // Not fstat: see open_clip.
    size_ = std::max<std::int64_t>(0, ::lseek(descriptor, 0, SEEK_END));
  }
  [[nodiscard]] std::int64_t size() const { return size_; }
  bool read(std::int64_t position, std::span<std::uint8_t> out) {
    if (position < 0 || position > size_ - static_cast<std::int64_t>(out.size())) return false;
    return ::pread(descriptor_, out.data(), out.size(), position) == static_cast<ssize_t>(out.size());
  }

 private:
  int descriptor_;
  std::int64_t size_ = 0;
};

std::uint64_t big_endian(std::span<const std::uint8_t> bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

std::string_view text(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Where a chunk of `length` bytes from `position` on leaves the file; empty where it fits.
std::optional<MissingBytes> overrun(const FileWindow& file, std::int64_t position, std::uint64_t length) {
  if (length <= static_cast<std::uint64_t>(file.size() - position)) return std::nullopt;
  constexpr std::uint64_t kFar = std::uint64_t{1} << 62;
  return MissingBytes{position + static_cast<std::int64_t>(std::min(length, kFar - position)), file.size()};
}

// ISO/IEC 14496-12, 4.2: size (32 bit; 1 = 64 bit follow the type; 0 = to the end), type.
std::optional<MissingBytes> iso_boxes(FileWindow& file) {
  std::int64_t position = 0;
  for (int i = 0; i < kMaxChunks; ++i) {
    std::array<std::uint8_t, 16> head{};
    if (!file.read(position, std::span(head).first(8))) return std::nullopt;
    std::uint64_t size = big_endian(std::span(head).first(4));
    if (size == 0) return std::nullopt;
    if (size == 1) {
      if (!file.read(position, head)) return std::nullopt;
      size = big_endian(std::span(head).subspan(8));
    }
    if (size < 8) return std::nullopt;
    if (const auto missing = overrun(file, position, size)) {
      const std::string_view type = text(std::span(head).subspan(4, 4));
      const bool media = type == "mdat" || type == "moov" || type == "moof";
      return media ? missing : std::nullopt;
    }
    position += static_cast<std::int64_t>(size);
  }
  return std::nullopt;
}

// RFC 8794: an element's id and size are variable-length integers; a size of all ones is unknown.
std::optional<MissingBytes> matroska_segment(FileWindow& file) {
  constexpr std::uint64_t kHeader = 0x1A45DFA3;
  constexpr std::uint64_t kSegment = 0x18538067;
  std::int64_t position = 0;
  for (int i = 0; i < 16; ++i) {
    std::array<std::uint8_t, 4> id{};
    std::array<std::uint8_t, 8> length{};
    if (!file.read(position, id) || !file.read(position + 4, std::span(length).first(1))) return std::nullopt;
    const int bytes = std::countl_zero(length[0]) + 1;
    if (bytes > 8 || !file.read(position + 4, std::span(length).first(static_cast<std::size_t>(bytes)))) {
      return std::nullopt;
    }
    const std::uint64_t ones = (std::uint64_t{1} << (7 * bytes)) - 1;
    const std::uint64_t size = big_endian(std::span(length).first(static_cast<std::size_t>(bytes))) & ones;
    const std::uint64_t kind = big_endian(id);
    if (size == ones || (kind != kHeader && kind != kSegment)) return std::nullopt;
    const std::int64_t body = position + 4 + bytes;
    const auto missing = overrun(file, body, size);
    if (missing || kind == kSegment) return missing;
    position = body + static_cast<std::int64_t>(size);
  }
  return std::nullopt;
}

// RIFF: "RIFF", size (32 bit, little endian), "AVI " or, in an OpenDML file's later parts, "AVIX".
std::optional<MissingBytes> riff_lists(FileWindow& file) {
  std::int64_t position = 0;
  for (int i = 0; i < kMaxChunks; ++i) {
    std::array<std::uint8_t, 12> head{};
    if (!file.read(position, head) || text(std::span(head).first(4)) != "RIFF") return std::nullopt;
    const std::string_view form = text(std::span(head).subspan(8));
    if (form != "AVI " && form != "AVIX") return std::nullopt;
    std::array<std::uint8_t, 4> size{head[7], head[6], head[5], head[4]};
    const std::uint64_t length = 8 + big_endian(size);
    if (const auto missing = overrun(file, position, length)) return missing;
    position += static_cast<std::int64_t>(length + length % 2);
  }
  return std::nullopt;
}

// ISO/IEC 13818-1: packets of 188 bytes (192 with a Blu-ray time code, 204 with parity) from a sync byte.
std::optional<MissingBytes> transport_packets(FileWindow& file) {
  for (const int length : {188, 192, 204}) {
    const std::int64_t first = length == 192 ? 4 : 0;
    bool in_step = true;
    for (int i = 0; i < 5 && in_step; ++i) {
      std::array<std::uint8_t, 1> sync{};
      in_step = file.read(first + i * std::int64_t{length}, sync) && sync[0] == 0x47;
    }
    const std::int64_t rest = file.size() % length;
    if (in_step && rest != 0) return MissingBytes{file.size() - rest + length, file.size()};
    if (in_step) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::optional<MissingBytes> missing_bytes(const std::filesystem::path& path, std::string_view container) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return file.get() < 0 ? std::nullopt : missing_bytes(file.get(), container);
}

std::optional<MissingBytes> missing_bytes(int descriptor, std::string_view container) {
  FileWindow file(descriptor);
  if (container.starts_with("mov,")) return iso_boxes(file);
  if (container.starts_with("matroska")) return matroska_segment(file);
  if (container == "avi") return riff_lists(file);
  if (container == "mpegts") return transport_packets(file);
  return std::nullopt;
}

}  // namespace sightline::media
