#pragma once
// PNG (W3C PNG, third edition) through libpng. Private to sight/media. (libpng's own header is <png.h>.)

#include <span>
#include <string_view>

#include "sight/media/picture_data.h"

namespace sightline::media {

[[nodiscard]] Result<PictureData> decode_png(std::span<const std::uint8_t> file, std::string_view name,
                                             const PictureLimits& limits);

/// What the encoder writes beside the samples and the colour chunks of `picture.png`.
struct PngExtras {
  Bytes icc;
  Bytes exif;
  bool text = false;  ///< the text chunks of `picture.png` too
};

/// Gray, gray with alpha, RGB or RGB with alpha, of 8 or 16 bit; lossless.
[[nodiscard]] Result<Bytes> encode_png(const PictureData& picture, const PngExtras& extras);

}  // namespace sightline::media
