#include "sight/media/picture.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "sight/media/exif.h"
#include "sight/media/jpeg.h"
#include "sight/media/picture_data.h"
#include "sight/media/picture_kind.h"
#include "sight/media/png.h"
#include "sight/media/resample.h"
#include "sight/media/webp.h"

namespace sightline::media {
namespace {

Error unsupported_kind(std::string_view name, PictureKind kind) {
  if (kind == PictureKind::none) {
    return {ErrorKind::corrupt, fmt::format("{}: not a JPEG, PNG or WebP picture", name)};
  }
  const std::string_view remedy =
      kind == PictureKind::gif ? "convert a still to PNG and an animation to a clip (ffmpeg to mp4) first"
                               : "convert it to JPEG, PNG or WebP first";
  return {ErrorKind::unsupported,
          fmt::format("{}: {} pictures are not supported; {}", name, picture_kind_name(kind), remedy)};
}

Result<PictureData> decode_any(std::span<const std::uint8_t> file, std::string_view name,
                               const PictureLimits& limits) {
  const PictureKind kind = picture_kind(file);
  switch (kind) {
    case PictureKind::jpeg:
      return decode_jpeg(file, name, limits);
    case PictureKind::png:
      return decode_png(file, name, limits);
    case PictureKind::webp:
      return decode_webp(file, name, limits);
    default:
      return std::unexpected(unsupported_kind(name, kind));
  }
}

/// The EXIF block to write: under `safe` only the orientation, and nothing where that is 1.
Bytes exif_for(const PictureData& data, MetadataPolicy policy) {
  if (policy == MetadataPolicy::keep && !data.metadata.exif.empty()) {
    return exif_without_pictures(data.metadata.exif, data.exif_orientation);
  }
  return data.exif_orientation == 1 ? Bytes{} : minimal_exif(data.exif_orientation);
}

Bytes xmp_for(const PictureData& data, MetadataPolicy policy) {
  if (policy == MetadataPolicy::safe || !xmp_is_picture_free(data.metadata.xmp)) return {};
  return data.metadata.xmp;
}

JpegMarkers jpeg_markers(const PictureData& data, MetadataPolicy policy) {
  JpegMarkers markers;
  markers.icc = data.metadata.icc;
  markers.exif = exif_for(data, policy);
  markers.xmp = xmp_for(data, policy);
  if (policy == MetadataPolicy::keep) {
    markers.iptc = iptc_resource(data.metadata.photoshop);
    markers.comments = data.metadata.comments;
  }
  return markers;
}

Result<PictureData> data_of(const RgbImage& image) {
  PictureData data;
  data.name = "picture";
  data.samples = TRY(SampleBuffer::create(image.size, 3, 8, data.name));
  std::ranges::copy(image.pixels, data.samples.view().data);
  return data;
}

Result<Bytes> encode_new(PictureData& data, PictureFormat format, int jpeg_quality) {
  switch (format) {
    case PictureFormat::jpeg:
      data.jpeg = TRY(new_jpeg_coding(data.model, jpeg_quality));
      return encode_jpeg(data, {});
    case PictureFormat::webp:
      data.webp.lossless = true;
      return encode_webp(data, {});
    case PictureFormat::png:
      break;
  }
  return encode_png(data, {});
}

}  // namespace

struct Picture::Impl {
  PictureData data;
};

bool looks_like_picture(std::span<const std::uint8_t> head) {
  return picture_kind(head) != PictureKind::none;
}

Picture::Picture(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Picture::Picture(Picture&&) noexcept = default;
Picture& Picture::operator=(Picture&&) noexcept = default;
Picture::~Picture() = default;

Result<Picture> Picture::decode(std::span<const std::uint8_t> file, std::string_view name,
                                const PictureLimits& limits) {
  return Picture(std::make_unique<Impl>(TRY(decode_any(file, name, limits))));
}

Picture Picture::from_rgb(const RgbImage& image) {
  return Picture(std::make_unique<Impl>(data_of(image).value()));
}

PictureFormat Picture::format() const {
  return impl_->data.format;
}
ColorModel Picture::color_model() const {
  return impl_->data.model;
}
Size Picture::stored_size() const {
  const PlaneView view = impl_->data.samples.view();
  return {view.width, view.height};
}
Orientation Picture::orientation() const {
  return orientation_from_exif(impl_->data.exif_orientation);
}
PlaneView Picture::samples() {
  return impl_->data.samples.view();
}

RgbImage Picture::to_rgb(Size size) const {
  const Size whole = displayed_size();
  return to_rgb(Box{0, 0, static_cast<float>(whole.width), static_cast<float>(whole.height)}, size);
}

RgbImage Picture::to_rgb(const Box& crop, Size size) const {
  const Size out{std::max(size.width, 1), std::max(size.height, 1)};
  return resample_to_rgb(impl_->data.samples.view(), impl_->data.model, orientation(), crop, out);
}

Result<Bytes> Picture::encode(MetadataPolicy policy) const {
  const PictureData& data = impl_->data;
  const Bytes exif = exif_for(data, policy);
  switch (data.format) {
    case PictureFormat::jpeg:
      return encode_jpeg(data, jpeg_markers(data, policy));
    case PictureFormat::webp:
      return encode_webp(data, {data.metadata.icc, exif, xmp_for(data, policy)});
    case PictureFormat::png:
      break;
  }
  return encode_png(data, {data.metadata.icc, exif, policy == MetadataPolicy::keep});
}

Result<Bytes> Picture::encode_as(PictureFormat format, int jpeg_quality) const {
  PictureData copy = TRY(data_of(to_rgb(displayed_size())));
  copy.name = impl_->data.name;
  return encode_new(copy, format, jpeg_quality);
}

Result<RgbImage> decode_rgb(std::span<const std::uint8_t> file, std::string_view name,
                            const PictureLimits& limits) {
  const Picture picture = TRY(Picture::decode(file, name, limits));
  return picture.to_rgb(picture.displayed_size());
}

}  // namespace sightline::media
