#include "sight/media/picture_kind.h"

#include <algorithm>
#include <array>

namespace sightline::media {
namespace {

using std::string_view_literals::operator""sv;

/// ISO base media files are distinguished by their major brand; clips (isom, mp42, qt, ...) are none of
/// these.
PictureKind kind_of_brand(std::span<const std::uint8_t> head) {
  constexpr std::array kHeif = {"heic"sv, "heix"sv, "heim"sv, "heis"sv, "hevc"sv, "hevx"sv,
                                "hevm"sv, "hevs"sv, "mif1"sv, "mif2"sv, "msf1"sv};
  constexpr std::array kAvif = {"avif"sv, "avis"sv};
  if (has_bytes(head, 8, "crx ")) return PictureKind::camera_raw;
  const auto is = [&](std::string_view brand) { return has_bytes(head, 8, brand); };
  if (std::ranges::any_of(kHeif, is)) return PictureKind::heif;
  if (std::ranges::any_of(kAvif, is)) return PictureKind::avif;
  return PictureKind::none;
}

bool is_bmp(std::span<const std::uint8_t> head) {
  // Only "BM" is too little: the reserved field is zero and the info header has one of the known sizes.
  if (!has_bytes(head, 0, "BM") || !has_bytes(head, 6, "\0\0\0\0"sv) || head.size() < 18) return false;
  constexpr std::array<std::uint8_t, 7> kHeaders = {12, 40, 52, 56, 64, 108, 124};
  return std::ranges::find(kHeaders, head[14]) != kHeaders.end() && has_bytes(head, 15, "\0\0\0"sv);
}

/// "P6", a line's end and a number, a comment or P7's first word: text may begin with the first two as well.
bool is_netpbm(std::span<const std::uint8_t> head) {
  if (head.size() < 4 || head[0] != 'P' || head[1] < '1' || head[1] > '7' || head[2] != '\n') return false;
  return head[1] == '7' ? head[3] == 'W' : (head[3] >= '0' && head[3] <= '9') || head[3] == '#';
}

PictureKind rarer_kind(std::span<const std::uint8_t> head) {
  struct Mark {
    std::string_view bytes;
    PictureKind kind;
  };
  constexpr std::array<Mark, 11> kMarks = {{{"II+\0"sv, PictureKind::tiff},
                                            {"MM\0+"sv, PictureKind::tiff},
                                            {"II\xBC\1"sv, PictureKind::jpeg_xr},
                                            {"IIRO"sv, PictureKind::camera_raw},
                                            {"IIRS"sv, PictureKind::camera_raw},
                                            {"MMOR"sv, PictureKind::camera_raw},
                                            {"IIU\0"sv, PictureKind::camera_raw},
                                            {"FUJIFILMCCD-RAW"sv, PictureKind::camera_raw},
                                            {"FOVb"sv, PictureKind::camera_raw},
                                            {"8BPS\0"sv, PictureKind::photoshop},
                                            {"\x76\x2F\x31\x01"sv, PictureKind::open_exr}}};
  const auto found =
      std::ranges::find_if(kMarks, [&](const Mark& mark) { return has_bytes(head, 0, mark.bytes); });
  if (found != kMarks.end()) return found->kind;
  return is_netpbm(head) ? PictureKind::netpbm : PictureKind::none;
}

}  // namespace

bool has_bytes(std::span<const std::uint8_t> head, std::size_t at, std::string_view bytes) {
  if (head.size() < at + bytes.size()) return false;
  return std::ranges::equal(head.subspan(at, bytes.size()), bytes,
                            [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); });
}

PictureKind picture_kind(std::span<const std::uint8_t> head) {
  if (has_bytes(head, 0, "\xFF\xD8\xFF")) return PictureKind::jpeg;
  if (has_bytes(head, 0, "\x89PNG\r\n\x1A\n")) return PictureKind::png;
  if (has_bytes(head, 0, "RIFF") && has_bytes(head, 8, "WEBP")) return PictureKind::webp;
  if (has_bytes(head, 0, "GIF87a") || has_bytes(head, 0, "GIF89a")) return PictureKind::gif;
  if (has_bytes(head, 4, "ftyp")) return kind_of_brand(head);
  if (is_bmp(head)) return PictureKind::bmp;
  if (has_bytes(head, 0, "II*\0"sv) || has_bytes(head, 0, "MM\0*"sv)) return PictureKind::tiff;
  if (has_bytes(head, 0, "\0\0\0\x0CJXL \r\n\x87\n"sv) || has_bytes(head, 0, "\xFF\x0A")) {
    return PictureKind::jpeg_xl;
  }
  if (has_bytes(head, 0, "\0\0\0\x0CjP  \r\n\x87\n"sv) || has_bytes(head, 0, "\xFF\x4F\xFF\x51")) {
    return PictureKind::jpeg_2000;
  }
  return rarer_kind(head);
}

std::string_view picture_kind_name(PictureKind kind) {
  switch (kind) {
    case PictureKind::jpeg:
      return "JPEG";
    case PictureKind::png:
      return "PNG";
    case PictureKind::webp:
      return "WebP";
    case PictureKind::gif:
      return "GIF";
    case PictureKind::heif:
      return "HEIF (HEIC)";
    case PictureKind::avif:
      return "AVIF";
    case PictureKind::bmp:
      return "BMP";
    case PictureKind::tiff:
      return "TIFF";
    case PictureKind::jpeg_xl:
      return "JPEG XL";
    case PictureKind::jpeg_2000:
      return "JPEG 2000";
    case PictureKind::jpeg_xr:
      return "JPEG XR";
    case PictureKind::camera_raw:
      return "camera raw";
    case PictureKind::photoshop:
      return "Photoshop";
    case PictureKind::netpbm:
      return "Netpbm";
    case PictureKind::open_exr:
      return "OpenEXR";
    case PictureKind::none:
      break;
  }
  return "unknown";
}

}  // namespace sightline::media
