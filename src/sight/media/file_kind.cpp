#include "sight/media/file_kind.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/ascii.h"
#include "sight/media/clip_container.h"
#include "sight/media/picture_kind.h"

namespace sightline::media {
namespace {

using std::string_view_literals::operator""sv;

struct WrittenPicture {
  PictureFormat format;
  PictureKind kind;
  std::string_view name;
  std::array<std::string_view, 5> endings;  ///< the first is the usual one
};
constexpr std::array<WrittenPicture, 3> kWrittenPictures = {{
    {PictureFormat::jpeg, PictureKind::jpeg, "JPEG", {".jpg", ".jpeg", ".jpe", ".jfif", ".jif"}},
    {PictureFormat::png, PictureKind::png, "PNG", {".png"}},
    {PictureFormat::webp, PictureKind::webp, "WebP", {".webp"}},
}};

// Of pictures and clips besides those that are written here, also of what is not handled: whoever names a
// folder wants to hear of them.
constexpr std::array kOtherPictureEndings = {
    ".apng"sv, ".gif"sv, ".heic"sv, ".heif"sv, ".hif"sv, ".avif"sv, ".bmp"sv, ".dib"sv, ".tif"sv,
    ".tiff"sv, ".jxl"sv, ".jp2"sv,  ".j2k"sv,  ".jpf"sv, ".jpx"sv,  ".jxr"sv, ".tga"sv, ".psd"sv,
    ".ppm"sv,  ".pgm"sv, ".pbm"sv,  ".pnm"sv,  ".exr"sv, ".dng"sv,  ".cr2"sv, ".cr3"sv, ".nef"sv,
    ".arw"sv,  ".orf"sv, ".rw2"sv,  ".raf"sv,  ".pef"sv, ".srw"sv,  ".mpo"sv};
constexpr std::array kOtherClipEndings = {
    ".avi"sv, ".divx"sv, ".m2t"sv,  ".mpg"sv,  ".mpeg"sv,  ".mpe"sv,  ".m1v"sv, ".m2v"sv, ".vob"sv,
    ".wmv"sv, ".asf"sv,  ".flv"sv,  ".f4v"sv,  ".ogv"sv,   ".ogm"sv,  ".3gp"sv, ".3g2"sv, ".h264"sv,
    ".264"sv, ".avc"sv,  ".hevc"sv, ".h265"sv, ".265"sv,   ".ivf"sv,  ".obu"sv, ".y4m"sv, ".mxf"sv,
    ".rm"sv,  ".rmvb"sv, ".dv"sv,   ".mjpg"sv, ".mjpeg"sv, ".insv"sv, ".lrv"sv};
constexpr std::array kSoundEndings = {".mp3"sv, ".m4a"sv,  ".m4b"sv, ".aac"sv,  ".mka"sv,
                                      ".wma"sv, ".oga"sv,  ".ogg"sv, ".opus"sv, ".weba"sv,
                                      ".wav"sv, ".flac"sv, ".spx"sv, ".ac3"sv};

enum class ClipFamily { none, mp4, matroska, transport, other };

struct Signature {
  std::size_t at;
  std::string_view bytes;
  ClipFamily family;
};
constexpr std::array kClipSignatures = {
    Signature{0, "\x1A\x45\xDF\xA3"sv, ClipFamily::matroska},
    Signature{0, "\0\0\1\xBA"sv, ClipFamily::other},  // MPEG program stream
    Signature{0, "\0\0\1\xB3"sv, ClipFamily::other},  // MPEG-1 and -2 video
    Signature{0, "FLV\1"sv, ClipFamily::other},
    Signature{28, "\x80theora"sv, ClipFamily::other},  // first page of an Ogg stream
    Signature{28, "\1video"sv, ClipFamily::other},
    Signature{0, "\x30\x26\xB2\x75\x8E\x66\xCF\x11\xA6\xD9"sv, ClipFamily::other},  // ASF
    Signature{0, "DKIF\0\0"sv, ClipFamily::other},
    Signature{0, "YUV4MPEG2 "sv, ClipFamily::other},
    Signature{0, ".RMF\0\0"sv, ClipFamily::other},
    Signature{0, "\x06\x0E\x2B\x34\x02\x05\x01\x01"sv, ClipFamily::other},  // MXF
    Signature{0, "\0\0\0\1\x09"sv, ClipFamily::other},  // H.264: delimiter or parameters first
    Signature{0, "\0\0\0\1\x67"sv, ClipFamily::other},
    Signature{0, "\0\0\0\1\x27"sv, ClipFamily::other},
    Signature{0, "\0\0\0\1\x40\1"sv, ClipFamily::other},  // HEVC: parameters or delimiter first
    Signature{0, "\0\0\0\1\x46\1"sv, ClipFamily::other},
};

/// MP4 and QuickTime. The brand of sound is none of a clip, and pictures' brands are looked at before.
bool is_iso_media(std::span<const std::uint8_t> head) {
  if (has_bytes(head, 4, "ftyp"))
    return !has_bytes(head, 8, "M4A ") && !has_bytes(head, 8, "M4B ") && !has_bytes(head, 8, "F4A ");
  // Without a brand, as QuickTime once wrote: a box of a plausible size, since text may hold these words too.
  constexpr std::array kBoxes = {"moov"sv, "mdat"sv, "wide"sv, "skip"sv, "free"sv, "pnot"sv};
  return !head.empty() && head[0] == 0 &&
         std::ranges::any_of(kBoxes, [&](std::string_view box) { return has_bytes(head, 4, box); });
}

/// Three packets in a row: of 188 bytes, or of 192 with a time stamp before each.
bool is_transport_stream(std::span<const std::uint8_t> head) {
  const auto at_every = [&](std::size_t first, std::size_t step) {
    return has_bytes(head, first, "G") && has_bytes(head, first + step, "G") &&
           has_bytes(head, first + 2 * step, "G");
  };
  return at_every(0, 188) || at_every(4, 192);
}

ClipFamily family_of(std::span<const std::uint8_t> head) {
  if (is_iso_media(head)) return ClipFamily::mp4;
  if (is_transport_stream(head)) return ClipFamily::transport;
  if (has_bytes(head, 0, "RIFF") && has_bytes(head, 8, "AVI ")) return ClipFamily::other;
  const auto found = std::ranges::find_if(kClipSignatures, [&](const Signature& signature) {
    return has_bytes(head, signature.at, signature.bytes);
  });
  return found == kClipSignatures.end() ? ClipFamily::none : found->family;
}

std::string lower_ending(const std::filesystem::path& name) {
  return to_lower(name.extension().string());
}

template <typename List>
bool holds(const List& list, std::string_view ending) {
  return !ending.empty() && std::ranges::find(list, ending) != list.end();
}

std::string_view usual_ending(ClipFamily family) {
  if (family == ClipFamily::mp4) return ".mp4";
  return family == ClipFamily::transport ? ".ts" : ".mkv";
}

}  // namespace

FileKind file_kind(std::span<const std::uint8_t> head) {
  if (picture_kind(head) != PictureKind::none) return FileKind::picture;
  return family_of(head) == ClipFamily::none ? FileKind::other : FileKind::clip;
}

FileKind file_kind(const std::filesystem::path& name) {
  const std::string ending = lower_ending(name);
  if (picture_format_of(name) || holds(kOtherPictureEndings, ending)) return FileKind::picture;
  return is_clip_ending(ending) || holds(kOtherClipEndings, ending) ? FileKind::clip : FileKind::other;
}

bool is_sound_name(const std::filesystem::path& name) {
  return holds(kSoundEndings, lower_ending(name));
}

std::string output_ending(const std::filesystem::path& input, std::span<const std::uint8_t> head) {
  const std::string own = input.extension().string();
  const PictureKind picture = picture_kind(head);
  const auto written = std::ranges::find(kWrittenPictures, picture, &WrittenPicture::kind);
  if (written != kWrittenPictures.end()) {
    return holds(written->endings, to_lower(own)) ? own : std::string(written->endings[0]);
  }
  const ClipFamily family = family_of(head);
  const bool clip = family != ClipFamily::none || file_kind(input) == FileKind::clip;
  if (picture != PictureKind::none || !clip || is_clip_ending(to_lower(own))) return own;
  return std::string(usual_ending(family));
}

std::optional<PictureFormat> picture_format_of(const std::filesystem::path& name) {
  const std::string ending = lower_ending(name);
  const auto found = std::ranges::find_if(
      kWrittenPictures, [&](const WrittenPicture& written) { return holds(written.endings, ending); });
  if (found == kWrittenPictures.end()) return std::nullopt;
  return found->format;
}

std::optional<PictureFormat> picture_format_of(std::span<const std::uint8_t> head) {
  const auto found = std::ranges::find(kWrittenPictures, picture_kind(head), &WrittenPicture::kind);
  if (found == kWrittenPictures.end()) return std::nullopt;
  return found->format;
}

Result<void> check_picture_ending(const std::filesystem::path& output, PictureFormat format,
                                  std::string_view input) {
  if (picture_format_of(output) == format) return {};
  const auto& written = *std::ranges::find(kWrittenPictures, format, &WrittenPicture::format);
  std::vector<std::string_view> endings(written.endings.begin(), written.endings.end());
  std::erase(endings, "");
  return fail(ErrorKind::invalid_argument,
              fmt::format("'{}' is a {} picture and stays one, which '{}' does not say; end the name of the "
                          "output in {}",
                          input, written.name, output.string(), fmt::join(endings, ", ")));
}

}  // namespace sightline::media
