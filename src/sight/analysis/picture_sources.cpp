#include "sight/analysis/picture_sources.h"

#include "sight/media/raster_turn.h"
#include "sight/media/resample.h"

namespace sightline::analysis {
namespace {

media::PlaneView view_of(const media::RgbImage& image) {
  media::PlaneView view;
  // The view's type allows writing because painters use it too; nothing writes here.
  view.data = const_cast<std::uint8_t*>(image.pixels.data());
  view.stride = std::ptrdiff_t{image.size.width} * 3;
  view.width = image.size.width;
  view.height = image.size.height;
  view.channels = 3;
  return view;
}

}  // namespace

Result<media::RgbImage> RgbSource::rgb(media::Size size) const {
  if (size == image_.size) return image_;
  const auto width = static_cast<float>(image_.size.width);
  const auto height = static_cast<float>(image_.size.height);
  return cropped(image_, {0, 0, width, height}, size);
}

Result<media::RgbImage> TurnedSource::rgb(media::Size size) const {
  const media::Size before = orientation_.swaps_axes() ? media::Size{size.height, size.width} : size;
  const media::RgbImage image = TRY(picture_.rgb(before));
  media::RgbImage turned{size, std::vector<std::uint8_t>(image.pixels.size())};
  media::turn_pixels(view_of(image), orientation_, turned.pixels.data());
  return turned;
}

Face TurnedSource::turned_back(const Face& face) const {
  const media::Size size = picture_.size();
  Face back = face;
  back.box = orientation_.to_stored(face.box, size);
  for (media::Point& point : back.landmarks) {
    const media::Box place = orientation_.to_stored({point.x, point.y, 0, 0}, size);
    point = {place.x, place.y};
  }
  return back;
}

media::RgbImage cropped(const media::RgbImage& image, const media::Box& area, media::Size size) {
  return media::resample_to_rgb(view_of(image), media::ColorModel::rgb, {}, area, size);
}

}  // namespace sightline::analysis
