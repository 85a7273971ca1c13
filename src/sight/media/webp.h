#pragma once
// WebP (RFC 9649) stills through libwebp. Private to sight/media.

#include <span>
#include <string_view>

#include "sight/media/picture_data.h"

namespace sightline::media {

[[nodiscard]] Result<PictureData> decode_webp(std::span<const std::uint8_t> file, std::string_view name,
                                              const PictureLimits& limits);

struct WebpExtras {
  Bytes icc;
  Bytes exif;
  Bytes xmp;
};

/// RGB with or without alpha, 8 bit. Lossless where the input was.
[[nodiscard]] Result<Bytes> encode_webp(const PictureData& picture, const WebpExtras& extras);

}  // namespace sightline::media
