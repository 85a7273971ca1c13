#include "sight/media/png_chunks.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "sight/media/exif.h"

namespace sightline::media {
namespace {

constexpr std::size_t kSignature = 8;
constexpr std::size_t kMaxTextBytes = 1 << 20;

std::uint32_t big_endian32(std::span<const std::uint8_t> bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 |
         bytes[3];
}

std::uint32_t crc32(std::span<const std::uint8_t> bytes) {
  std::uint32_t crc = 0xFFFF'FFFF;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (0xEDB8'8320 & (0U - (crc & 1U)));
  }
  return ~crc;
}

/// Chunks that change how the samples look, and the only lengths that they may have.
struct ColorChunk {
  std::string_view type;
  std::size_t length;
};
constexpr std::array<ColorChunk, 7> kColorChunks = {
    {{"cHRM", 32}, {"gAMA", 4}, {"sRGB", 1}, {"cICP", 4}, {"mDCV", 24}, {"cLLI", 8}, {"pHYs", 9}}};

bool is_color_chunk(std::string_view type, std::size_t length) {
  return std::ranges::any_of(
      kColorChunks, [&](const ColorChunk& known) { return known.type == type && known.length == length; });
}

/// A keyword ends at the first zero. Some programs hide EXIF and Photoshop blocks (with thumbnails) in text.
bool is_plain_text(std::string_view type, std::span<const std::uint8_t> data) {
  const auto end = std::ranges::find(data, 0);
  const std::string_view keyword(reinterpret_cast<const char*>(data.data()),
                                 static_cast<std::size_t>(end - data.begin()));
  if (keyword.empty() || keyword.size() > 79 || end == data.end()) return false;
  if (keyword.starts_with("Raw profile type")) return false;
  if (keyword == "XML:com.adobe.xmp") {
    const bool readable = type == "iTXt" && data.size() > keyword.size() + 2 && data[keyword.size() + 1] == 0;
    return readable && xmp_is_picture_free(data);
  }
  return true;
}

PngChunk chunk_of(std::string_view type, std::span<const std::uint8_t> data) {
  PngChunk chunk;
  std::ranges::copy(type, chunk.type.begin());
  chunk.data.assign(data.begin(), data.end());
  return chunk;
}

void add_once(std::vector<PngChunk>& chunks, PngChunk chunk) {
  if (std::ranges::none_of(chunks, [&](const PngChunk& known) { return known.type == chunk.type; })) {
    chunks.push_back(std::move(chunk));
  }
}

}  // namespace

PngSurvey survey_png(std::span<const std::uint8_t> file) {
  PngSurvey survey;
  std::size_t text_bytes = 0;
  bool picture_began = false;
  for (std::size_t at = kSignature; at <= file.size() && file.size() - at >= 12;) {
    const std::size_t length = big_endian32(file.subspan(at));
    if (length > file.size() - at - 12) break;
    const std::string_view type(reinterpret_cast<const char*>(&file[at + 4]), 4);
    const auto data = file.subspan(at + 8, length);
    const auto intact = [&] {
      return crc32(file.subspan(at + 4, length + 4)) == big_endian32(file.subspan(at + 8 + length));
    };
    if (type == "IEND") break;
    if (type == "IDAT") picture_began = true;
    if (type == "acTL" || type == "fcTL") survey.animated = true;
    if (!picture_began && is_color_chunk(type, length) && intact()) {
      add_once(survey.color_chunks, chunk_of(type, data));
    }
    if (type == "eXIf" && survey.exif.empty() && intact()) {
      const auto tiff = without_exif_prefix(data);
      survey.exif.assign(tiff.begin(), tiff.end());
    }
    const bool text = type == "tEXt" || type == "zTXt" || type == "iTXt" || type == "tIME";
    if (text && text_bytes + length <= kMaxTextBytes && intact() &&
        (type == "tIME" ? length == 7 : is_plain_text(type, data))) {
      text_bytes += length;
      survey.text_chunks.push_back(chunk_of(type, data));
    }
    at += length + 12;
  }
  return survey;
}

}  // namespace sightline::media
