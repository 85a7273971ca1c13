#include "aws/rekognition/image_source.h"

#include "aws/rekognition/rekognition_error.h"

namespace sightline::aws::rekognition {
namespace {

/// Rekognition's widest picture: 10,000 pixels a side is what its guidelines allow at the most.
constexpr media::PictureLimits kLimits{.max_pixels = 100'000'000, .max_side = 10'000};

std::unexpected<wire::ServiceError> bad_parameters() {
  return wire::refuse(kInvalidParameterException, "Request has invalid parameters");
}

bool is_jpeg_or_png(const Bytes& bytes) {
  const auto starts = [&](std::initializer_list<std::uint8_t> magic) {
    return bytes.size() >= magic.size() && std::equal(magic.begin(), magic.end(), bytes.begin());
  };
  return starts({0xFF, 0xD8, 0xFF}) || starts({0x89, 'P', 'N', 'G'});
}

}  // namespace

wire::Answer<Bytes> ImageSource::read_object(const S3Object& object, const dispatch::Context& context) const {
  if (!object.bucket || !object.name) return bad_parameters();
  auto bytes =
      read_object_(context, *object.bucket, *object.name, object.version.value_or(""), kMaxStoredPicture);
  if (bytes) return std::move(*bytes);
  switch (bytes.error().kind) {
    case ErrorKind::not_found:
    case ErrorKind::permission_denied:
      return wire::refuse(kInvalidS3ObjectException,
                          "Unable to get object metadata from S3. Check object key, region and/or access "
                          "permissions.");
    case ErrorKind::too_large:
      return wire::refuse(kImageTooLargeException,
                          "Image size is too large. Maximum image size is 15728640 bytes.");
    default:
      return internal_failure(bytes.error());
  }
}

wire::Answer<media::Picture> ImageSource::read(const Image& image, const dispatch::Context& context) const {
  if (image.bytes.has_value() == image.s3_object.has_value()) return bad_parameters();
  Bytes stored;
  if (image.s3_object) stored = TRY(read_object(*image.s3_object, context));
  const Bytes& bytes = image.s3_object ? stored : *image.bytes;
  if (!is_jpeg_or_png(bytes)) {
    return wire::refuse(kInvalidImageFormatException, "Request has invalid image format");
  }
  auto picture = media::Picture::decode(bytes, "the request's picture", kLimits);
  if (!picture) {
    return picture.error().kind == ErrorKind::too_large
               ? bad_parameters()
               : wire::refuse(kInvalidImageFormatException, "Request has invalid image format");
  }
  const media::Size size = picture->displayed_size();
  if (size.width < kMinPictureSide || size.height < kMinPictureSide) return bad_parameters();
  return std::move(*picture);
}

}  // namespace sightline::aws::rekognition
