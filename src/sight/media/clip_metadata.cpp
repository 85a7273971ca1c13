#include "sight/media/clip_metadata.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

extern "C" {
#include <libavutil/mem.h>
}

namespace sightline::media {
namespace {

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// A language tag by its form ("eng", "pt-BR"): the field is free text in some containers.
bool is_language(std::string_view value) {
  constexpr std::size_t kLongest = 12;
  if (value.size() < 2 || value.size() > kLongest) return false;
  const std::string_view primary = value.substr(0, value.find('-'));
  return primary.size() >= 2 && primary.size() <= 3 &&
         std::ranges::all_of(value, [](char c) { return is_alphanumeric(c) || c == '-'; });
}

/// Entries that describe the input file's own form, which the muxer writes anew.
bool describes_the_file(std::string_view key) {
  constexpr std::array<std::string_view, 7> kKeys = {
      "major_brand", "minor_version", "compatible_brands", "encoder", "DURATION", "rotate", "BPS"};
  return std::ranges::find(kKeys, key) != kKeys.end() || key.starts_with("NUMBER_OF_") ||
         key.starts_with("_STATISTICS_") || key.starts_with("DURATION-");
}

void copy_dictionary(const AVDictionary* from, AVDictionary** to) {
  const AVDictionaryEntry* entry = nullptr;
  while ((entry = av_dict_get(from, "", entry, AV_DICT_IGNORE_SUFFIX)) != nullptr) {
    if (!describes_the_file(entry->key)) av_dict_set(to, entry->key, entry->value, 0);
  }
}

bool is_mp4(const AVOutputFormat& format) {
  return std::string_view(format.name) == "mp4" || std::string_view(format.name) == "mov";
}

Bytes to_bytes(std::string_view text) {
  return {text.begin(), text.end()};
}

/// An ASS script's header: styles and layout stay, the texts about the script go.
Bytes safe_ass_header(std::string_view text) {
  constexpr std::array<std::string_view, 8> kKept = {
      "ScriptType",  "PlayResX", "PlayResY", "LayoutResX", "LayoutResY", "WrapStyle", "ScaledBorderAndShadow",
      "YCbCr Matrix"};
  std::string kept;
  std::string_view section;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1);
    const std::string_view line = text.substr(0, end + 1);
    text.remove_prefix(end + 1);
    if (line.starts_with('[')) section = line;
    const bool styles = section.starts_with("[V4") && !line.starts_with(';');
    const bool events =
        section.starts_with("[Events]") && (line.starts_with('[') || line.starts_with("Format:"));
    const bool info =
        section.starts_with("[Script Info]") &&
        (line.starts_with('[') || std::ranges::find(kKept, line.substr(0, line.find(':'))) != kKept.end());
    if (styles || events || info) kept += line;
  }
  return to_bytes(kept);
}

/// Lines that begin with '#' are comments of a VobSub index.
Bytes safe_vobsub_index(std::string_view text) {
  std::string kept;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1);
    const std::string_view line = text.substr(0, end + 1);
    text.remove_prefix(end + 1);
    if (line.starts_with("size:") || line.starts_with("palette:")) kept += line;
  }
  return to_bytes(kept);
}

/// The three Vorbis headers as libav holds them: Xiph lacing, or each after its 16-bit length. Empty spans
/// where it is neither.
std::array<std::span<const std::uint8_t>, 3> split_vorbis_headers(std::span<const std::uint8_t> bytes) {
  std::array<std::size_t, 2> sizes{};
  std::size_t at = 1;
  if (!bytes.empty() && bytes[0] == 2) {
    for (std::size_t& size : sizes) {
      do {
        if (at >= bytes.size()) return {};
        size += bytes[at];
      } while (bytes[at++] == 255);
    }
    if (sizes[0] > bytes.size() - at || sizes[1] > bytes.size() - at - sizes[0]) return {};
    return {bytes.subspan(at, sizes[0]), bytes.subspan(at + sizes[0], sizes[1]),
            bytes.subspan(at + sizes[0] + sizes[1])};
  }
  std::array<std::span<const std::uint8_t>, 3> headers;
  for (auto& header : headers) {
    if (bytes.size() < 2) return {};
    const std::size_t size = std::size_t{bytes[0]} * 256 + bytes[1];
    if (size > bytes.size() - 2) return {};
    header = bytes.subspan(2, size);
    bytes = bytes.subspan(2 + size);
  }
  return headers;
}

/// An empty comment takes the place of the second header (Vorbis I specification, section 5). Empty where
/// the form is not known.
Bytes safe_vorbis_headers(std::span<const std::uint8_t> bytes) {
  constexpr std::array<std::uint8_t, 16> kEmptyComment = {3, 'v', 'o', 'r', 'b', 'i', 's', 0,
                                                          0, 0,   0,   0,   0,   0,   0,   1};
  const auto [identification, comment, setup] = split_vorbis_headers(bytes);
  if (identification.empty() || identification.size() >= 255 || setup.empty()) return {};
  Bytes result = {2, static_cast<std::uint8_t>(identification.size()), kEmptyComment.size()};
  result.insert(result.end(), identification.begin(), identification.end());
  result.insert(result.end(), kEmptyComment.begin(), kEmptyComment.end());
  result.insert(result.end(), setup.begin(), setup.end());
  return result;
}

/// Only STREAMINFO of FLAC's metadata blocks (RFC 9639, section 8).
Bytes safe_flac_header(std::span<const std::uint8_t> bytes) {
  constexpr std::size_t kStreamInfo = 34;
  constexpr std::size_t kBefore = 8;  // "fLaC" and the block's own header
  const bool whole_file = bytes.size() >= kBefore + kStreamInfo && std::memcmp(bytes.data(), "fLaC", 4) == 0;
  const auto info = bytes.subspan(whole_file ? kBefore : 0);
  return {info.begin(), info.begin() + static_cast<std::ptrdiff_t>(std::min(kStreamInfo, info.size()))};
}

}  // namespace

void copy_clip_metadata(const AVFormatContext& input, AVFormatContext& output, MetadataPolicy policy) {
  if (policy == MetadataPolicy::keep) copy_dictionary(input.metadata, &output.metadata);
}

void copy_track_metadata(const AVStream& input, AVStream& output, MetadataPolicy policy) {
  constexpr int kContainerRoles =
      AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS | AV_DISPOSITION_STILL_IMAGE;
  output.disposition = input.disposition & ~kContainerRoles;
  if (policy == MetadataPolicy::keep) {
    copy_dictionary(input.metadata, &output.metadata);
    return;
  }
  const AVDictionaryEntry* language = av_dict_get(input.metadata, "language", nullptr, 0);
  if (language != nullptr && is_language(language->value)) {
    av_dict_set(&output.metadata, "language", language->value, 0);
  }
}

Result<void> copy_chapters(const AVFormatContext& input, AVFormatContext& output, MetadataPolicy policy) {
  if (input.nb_chapters == 0) return {};
  output.chapters = static_cast<AVChapter**>(av_calloc(input.nb_chapters, sizeof(AVChapter*)));
  if (output.chapters == nullptr)
    return fail(ErrorKind::internal, "not enough memory for the clip's chapters");
  for (unsigned i = 0; i < input.nb_chapters; ++i) {
    auto* chapter = static_cast<AVChapter*>(av_mallocz(sizeof(AVChapter)));
    if (chapter == nullptr) return fail(ErrorKind::internal, "not enough memory for the clip's chapters");
    output.chapters[output.nb_chapters++] = chapter;
    const AVChapter& source = *input.chapters[i];
    chapter->id = static_cast<std::int64_t>(i) + 1;
    chapter->time_base = source.time_base;
    chapter->start = source.start;
    chapter->end = source.end;
    if (policy == MetadataPolicy::keep) copy_dictionary(source.metadata, &chapter->metadata);
    // libav's mp4 muxer lists only chapters that have a title: their number says nothing.
    if (is_mp4(*output.oformat) && av_dict_get(chapter->metadata, "title", nullptr, 0) == nullptr) {
      av_dict_set_int(&chapter->metadata, "title", chapter->id, 0);
    }
  }
  return {};
}

Bytes safe_codec_configuration(AVCodecID codec, std::span<const std::uint8_t> configuration) {
  const std::string_view text(reinterpret_cast<const char*>(configuration.data()), configuration.size());
  switch (codec) {
    case AV_CODEC_ID_ASS:
    case AV_CODEC_ID_SSA:
      return safe_ass_header(text);
    case AV_CODEC_ID_DVD_SUBTITLE:
      return safe_vobsub_index(text);
    case AV_CODEC_ID_WEBVTT:
    case AV_CODEC_ID_SUBRIP:
    case AV_CODEC_ID_TEXT:
      return {};
    case AV_CODEC_ID_VORBIS:
      return safe_vorbis_headers(configuration);
    case AV_CODEC_ID_FLAC:
      return safe_flac_header(configuration);
    default:
      break;
  }
  return {configuration.begin(), configuration.end()};
}

void keep_safe_side_data(AVPacket& packet) {
  constexpr std::array kKept = {AV_PKT_DATA_SKIP_SAMPLES, AV_PKT_DATA_WEBVTT_SETTINGS};
  std::vector<std::pair<AVPacketSideDataType, Bytes>> kept;
  for (int i = 0; i < packet.side_data_elems; ++i) {
    const AVPacketSideData& one = packet.side_data[i];
    if (std::ranges::find(kKept, one.type) == kKept.end()) continue;
    kept.emplace_back(one.type, Bytes(one.data, one.data + one.size));
  }
  av_packet_free_side_data(&packet);
  for (const auto& [type, bytes] : kept) {
    if (std::uint8_t* data = av_packet_new_side_data(&packet, type, bytes.size()); data != nullptr) {
      std::ranges::copy(bytes, data);
    }
  }
}

}  // namespace sightline::media
