#pragma once
// Which MCUs of a picture were painted: a hash of the samples of each. Private to sight/media.

#include <cstdint>
#include <vector>

#include "sight/media/picture_data.h"

namespace sightline::media {

/// Pixels that an interleaved MCU covers: 8 times the largest sampling factors.
[[nodiscard]] Size mcu_size(const JpegCoding& coding);

/// MCUs across and down.
[[nodiscard]] Size mcu_grid(Size picture, Size mcu);

/// Row by row, one a MCU. 8-bit samples.
[[nodiscard]] std::vector<std::uint64_t> hash_mcus(const PlaneView& samples, Size mcu);

}  // namespace sightline::media
