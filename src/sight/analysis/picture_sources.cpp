#include "sight/analysis/picture_sources.h"

#include "sight/media/resample.h"

namespace sightline::analysis {

Result<media::RgbImage> RgbSource::rgb(media::Size size) const {
  if (size == image_.size) return image_;
  const auto width = static_cast<float>(image_.size.width);
  const auto height = static_cast<float>(image_.size.height);
  return cropped(image_, {0, 0, width, height}, size);
}

media::RgbImage cropped(const media::RgbImage& image, const media::Box& area, media::Size size) {
  media::PlaneView view;
  // The view's type allows writing because painters use it too; nothing writes here.
  view.data = const_cast<std::uint8_t*>(image.pixels.data());
  view.stride = std::ptrdiff_t{image.size.width} * 3;
  view.width = image.size.width;
  view.height = image.size.height;
  view.channels = 3;
  return media::resample_to_rgb(view, media::ColorModel::rgb, {}, area, size);
}

}  // namespace sightline::analysis
