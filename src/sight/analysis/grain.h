#pragma once
// Pictures whose tones are made of dots: dithered to few colours, screened for print, very noisy.
//
// A face detector sees the dots instead of the face. In a photograph neighbouring samples differ less than
// their means over larger blocks do; where the picture is made of dots it is the other way round, and
// averaging over blocks of the dots' size brings the tones back.

#include "sight/media/raster.h"

namespace sightline::analysis {

/// The side in pixels of the smallest blocks that the picture must be averaged over to lose most of its dots:
/// 2, 4 or 8; 1 where it has none. Looks at a quarter of the rows: some tenths of a millisecond a megapixel.
[[nodiscard]] int grain_of(const media::RgbImage& image);

/// The picture averaged over blocks of `grain` pixels, in its own size.
[[nodiscard]] media::RgbImage smoothed(const media::RgbImage& image, int grain);

}  // namespace sightline::analysis
