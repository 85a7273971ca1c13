#include "sight/analysis/picture_sources.h"

#include "sight/analysis/resample.h"

namespace sightline::analysis {

Result<media::RgbImage> RgbSource::rgb(media::Size size) const {
  if (size == image_.size) return image_;
  return resampled(
      image_, {0, 0, static_cast<float>(image_.size.width), static_cast<float>(image_.size.height)}, size);
}

}  // namespace sightline::analysis
