#include "sight/media/picture_data.h"

#include <new>

#include <fmt/format.h>

namespace sightline::media {

Result<SampleBuffer> SampleBuffer::create(Size size, int channels, int bit_depth, std::string_view name) {
  const std::ptrdiff_t stride = std::ptrdiff_t{size.width} * channels * (bit_depth > 8 ? 2 : 1);
  const auto bytes = static_cast<std::size_t>(stride) * static_cast<std::size_t>(size.height);
  SampleBuffer buffer;
  buffer.memory_.reset(new (std::nothrow) std::uint8_t[bytes]);
  if (!buffer.memory_) {
    return fail(ErrorKind::too_large,
                fmt::format("{}: not enough memory for {}x{} pixels", name, size.width, size.height));
  }
  buffer.view_ = {buffer.memory_.get(), stride, size.width, size.height, channels, bit_depth};
  return buffer;
}

int channel_count(ColorModel model) {
  switch (model) {
    case ColorModel::gray:
      return 1;
    case ColorModel::gray_alpha:
      return 2;
    case ColorModel::rgb:
      return 3;
    case ColorModel::rgb_alpha:
    case ColorModel::cmyk:
      return 4;
  }
  return 3;
}

Result<void> check_picture_size(std::int64_t width, std::int64_t height, const PictureLimits& limits,
                                std::string_view name) {
  if (width <= 0 || height <= 0) {
    return fail(ErrorKind::corrupt,
                fmt::format("{}: the picture has no pixels ({}x{})", name, width, height));
  }
  if (width > limits.max_side || height > limits.max_side || width * height > limits.max_pixels) {
    return fail(
        ErrorKind::too_large,
        fmt::format(
            "{}: {}x{} pixels are over the limit of {} pixels and {} a side; reduce the picture first", name,
            width, height, limits.max_pixels, limits.max_side));
  }
  return {};
}

Error corrupt_picture(std::string_view name, std::string_view format, std::string_view what) {
  return {
      ErrorKind::corrupt,
      fmt::format("{}: damaged or truncated {} ({}); restore the file or save it again with a picture editor",
                  name, format, what)};
}

}  // namespace sightline::media
