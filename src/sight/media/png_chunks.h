#pragma once
// The chunks of a PNG stream, without decoding them. Private to sight/media.

#include <cstdint>
#include <span>

#include "base/file.h"
#include "sight/media/picture_data.h"

namespace sightline::media {

/// What stands around the picture data. Damaged chunks (length, CRC) are left out.
struct PngSurvey {
  bool animated = false;  ///< APNG
  Bytes exif;
  std::vector<PngChunk> color_chunks;  ///< once each, before the picture data
  std::vector<PngChunk> text_chunks;   ///< uncompressed or compressed text, without embedded profiles
};

[[nodiscard]] PngSurvey survey_png(std::span<const std::uint8_t> file);

}  // namespace sightline::media
