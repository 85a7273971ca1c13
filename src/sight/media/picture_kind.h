#pragma once
// What kind of picture a file is, by its first bytes.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace sightline::media {

enum class PictureKind {
  none,
  jpeg,
  png,
  webp,
  gif,
  heif,
  avif,
  bmp,
  tiff,
  jpeg_xl,
  jpeg_2000,
  jpeg_xr,
  camera_raw,
  photoshop,
  netpbm,
  open_exr
};

/// Whether `bytes` stand at offset `at` of `head`; false where it ends before.
[[nodiscard]] bool has_bytes(std::span<const std::uint8_t> head, std::size_t at, std::string_view bytes);

/// Looks at up to 32 bytes.
[[nodiscard]] PictureKind picture_kind(std::span<const std::uint8_t> head);

/// For people: "HEIF (HEIC)".
[[nodiscard]] std::string_view picture_kind_name(PictureKind kind);

}  // namespace sightline::media
