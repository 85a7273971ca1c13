#include "sight/media/picture_kind.h"

#include <algorithm>
#include <array>

namespace sightline::media {
namespace {

using std::string_view_literals::operator""sv;

bool matches(std::span<const std::uint8_t> head, std::size_t at, std::string_view text) {
  if (head.size() < at + text.size()) return false;
  return std::ranges::equal(head.subspan(at, text.size()), text,
                            [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); });
}

/// ISO base media files are told apart by their major brand; clips (isom, mp42, qt, ...) are none of these.
PictureKind kind_of_brand(std::span<const std::uint8_t> head) {
  constexpr std::array kHeif = {"heic"sv, "heix"sv, "heim"sv, "heis"sv, "hevc"sv, "hevx"sv,
                                "hevm"sv, "hevs"sv, "mif1"sv, "mif2"sv, "msf1"sv};
  constexpr std::array kAvif = {"avif"sv, "avis"sv};
  const auto is = [&](std::string_view brand) { return matches(head, 8, brand); };
  if (std::ranges::any_of(kHeif, is)) return PictureKind::heif;
  if (std::ranges::any_of(kAvif, is)) return PictureKind::avif;
  return PictureKind::none;
}

bool is_bmp(std::span<const std::uint8_t> head) {
  // "BM" alone is too little: the reserved field is zero and the info header has one of the known sizes.
  if (!matches(head, 0, "BM") || !matches(head, 6, "\0\0\0\0"sv) || head.size() < 18) return false;
  constexpr std::array<std::uint8_t, 7> kHeaders = {12, 40, 52, 56, 64, 108, 124};
  return std::ranges::find(kHeaders, head[14]) != kHeaders.end() && matches(head, 15, "\0\0\0"sv);
}

}  // namespace

PictureKind picture_kind(std::span<const std::uint8_t> head) {
  if (matches(head, 0, "\xFF\xD8\xFF")) return PictureKind::jpeg;
  if (matches(head, 0, "\x89PNG\r\n\x1A\n")) return PictureKind::png;
  if (matches(head, 0, "RIFF") && matches(head, 8, "WEBP")) return PictureKind::webp;
  if (matches(head, 0, "GIF87a") || matches(head, 0, "GIF89a")) return PictureKind::gif;
  if (matches(head, 4, "ftyp")) return kind_of_brand(head);
  if (is_bmp(head)) return PictureKind::bmp;
  if (matches(head, 0, "II*\0"sv) || matches(head, 0, "MM\0*"sv)) return PictureKind::tiff;
  if (matches(head, 0, "\0\0\0\x0CJXL \r\n\x87\n"sv) || matches(head, 0, "\xFF\x0A")) {
    return PictureKind::jpeg_xl;
  }
  if (matches(head, 0, "\0\0\0\x0CjP  \r\n\x87\n"sv)) return PictureKind::jpeg_2000;
  return PictureKind::none;
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
    case PictureKind::none:
      break;
  }
  return "unknown";
}

}  // namespace sightline::media
