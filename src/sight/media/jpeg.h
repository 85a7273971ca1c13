#pragma once
// JPEG (ITU-T T.81) through libjpeg-turbo. Private to sight/media.

#include <span>
#include <string_view>

#include "sight/media/picture_data.h"

namespace sightline::media {

[[nodiscard]] Result<PictureData> decode_jpeg(std::span<const std::uint8_t> file, std::string_view name,
                                              const PictureLimits& limits);

/// What the encoder writes beside the samples.
struct JpegMarkers {
  Bytes icc;
  Bytes exif;
  Bytes xmp;
  Bytes iptc;
  std::vector<Bytes> comments;
};

/// As `picture.jpeg` says. MCUs whose samples are still those of the input keep its coefficients.
[[nodiscard]] Result<Bytes> encode_jpeg(const PictureData& picture, const JpegMarkers& markers);

/// The coding of a new JPEG: quality 1..100, 4:2:0, baseline with optimised Huffman tables.
[[nodiscard]] Result<JpegCoding> new_jpeg_coding(ColorModel model, int quality);

}  // namespace sightline::media
