#pragma once
// Frames that do not come out of a decoder: for drawn clips and for tests.

#include <cstdint>

#include "base/result.h"
#include "sight/media/video_reader.h"

namespace sightline::media {

/// How the frames made here are tagged: BT.709, limited range.
inline constexpr ColourTags kDrawnColour{1, 1, 1, 1, 0};

/// A black frame of its own samples, tagged BT.709 with limited range. bit_depth: 8 or 10. Chroma shifts:
/// (1, 1) is 4:2:0, (1, 0) is 4:2:2. Errors: invalid_argument for anything else and for sizes out of
/// 1..16384 a side.
[[nodiscard]] Result<VideoFrame> make_frame(Size size, int bit_depth, int chroma_shift_x, int chroma_shift_y,
                                            std::int64_t pts);

/// `image` as an 8-bit 4:2:0 frame (BT.709, limited range).
[[nodiscard]] Result<VideoFrame> frame_from_rgb(const RgbImage& image, std::int64_t pts);

}  // namespace sightline::media
