// FrameConverter of video_frame.h: reduces in YUV first and converts what is left, which swscale does
// several times faster than both at once.
#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "sight/media/clip_input.h"
#include "sight/media/raster_turn.h"
#include "sight/media/video_frame_impl.h"

namespace sightline::media {
namespace {

/// Everything that a set of swscale contexts depends on.
struct Geometry {
  Size from;
  Size to;  // before turning
  AVPixelFormat format = AV_PIX_FMT_NONE;
  bool full_range = false;
  int matrix = SWS_CS_ITU709;
  friend bool operator==(const Geometry&, const Geometry&) = default;
};

int matrix_of(const AVFrame& frame) {
  switch (frame.colorspace) {
    case AVCOL_SPC_BT709:
      return SWS_CS_ITU709;
    case AVCOL_SPC_FCC:
      return SWS_CS_FCC;
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M:
      return SWS_CS_ITU601;
    case AVCOL_SPC_SMPTE240M:
      return SWS_CS_SMPTE240M;
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL:
      return SWS_CS_BT2020;
    default:  // untagged: what players assume
      return frame.height > 576 ? SWS_CS_ITU709 : SWS_CS_ITU601;
  }
}

/// Rows with room behind them: swscale writes whole vectors past a picture's right edge.
Result<AvFramePtr> padded_picture(Size size, AVPixelFormat format) {
  AvFramePtr frame(av_frame_alloc());
  if (frame != nullptr) {
    frame->width = (size.width + 95) / 64 * 64;
    frame->height = size.height;
    frame->format = format;
    if (av_frame_get_buffer(frame.get(), 64) >= 0) return frame;
  }
  return fail(ErrorKind::internal,
              fmt::format("not enough memory for a picture of {}x{}", size.width, size.height));
}

Result<SwsPtr> make_scaler(Size from, AVPixelFormat from_format, Size to, AVPixelFormat to_format) {
  const bool reduces = to.width <= from.width && to.height <= from.height;
  SwsPtr scaler(sws_getContext(from.width, from.height, from_format, to.width, to.height, to_format,
                               reduces ? SWS_AREA : SWS_BILINEAR, nullptr, nullptr, nullptr));
  if (scaler != nullptr) return scaler;
  return fail(ErrorKind::unsupported, fmt::format("a frame of {}x{} cannot be scaled to {}x{}", from.width,
                                                  from.height, to.width, to.height));
}

/// The contexts and buffers of one geometry.
struct Conversion {
  Geometry geometry;
  SwsPtr reducer;      // any size and depth to 8-bit 4:2:0 at the wanted size; null where not needed
  SwsPtr colorer;      // YUV to RGB at one size
  AvFramePtr reduced;  // what the reducer writes
  AvFramePtr rgb;      // what the colorer writes
};

Result<Conversion> make_conversion(const Geometry& wanted) {
  silence_libav();
  Conversion made;
  constexpr int kOne = 1 << 16;
  const int* matrix = sws_getCoefficients(wanted.matrix);
  const bool eight_bit = wanted.format == AV_PIX_FMT_YUV420P || wanted.format == AV_PIX_FMT_YUV422P;
  AVPixelFormat colored = wanted.format;
  if (wanted.from != wanted.to || !eight_bit) {
    colored = AV_PIX_FMT_YUV420P;
    made.reducer = TRY(make_scaler(wanted.from, wanted.format, wanted.to, colored));
    made.reduced = TRY(padded_picture(wanted.to, colored));
    // The same range on both sides: samples are averaged, not converted.
    sws_setColorspaceDetails(made.reducer.get(), matrix, wanted.full_range ? 1 : 0, matrix,
                             wanted.full_range ? 1 : 0, 0, kOne, kOne);
  }
  made.colorer = TRY(make_scaler(wanted.to, colored, wanted.to, AV_PIX_FMT_RGB24));
  sws_setColorspaceDetails(made.colorer.get(), matrix, wanted.full_range ? 1 : 0, matrix, 1, 0, kOne, kOne);
  made.rgb = TRY(padded_picture(wanted.to, AV_PIX_FMT_RGB24));
  made.geometry = wanted;
  return made;
}

}  // namespace

/// A detector asks for a few sizes of each frame, in turn.
struct FrameConverter::Impl {
  static constexpr std::size_t kKept = 4;
  std::vector<Conversion> conversions;  // last used first

  Result<Conversion*> prepare(const Geometry& wanted) {
    const auto known = std::find_if(conversions.begin(), conversions.end(),
                                    [&](const Conversion& made) { return made.geometry == wanted; });
    if (known != conversions.end()) {
      std::rotate(conversions.begin(), known, known + 1);
      return &conversions.front();
    }
    Conversion made = TRY(make_conversion(wanted));
    if (conversions.size() == kKept) conversions.pop_back();
    conversions.insert(conversions.begin(), std::move(made));
    return &conversions.front();
  }
};

FrameConverter::FrameConverter() : impl_(std::make_unique<Impl>()) {}
FrameConverter::FrameConverter(FrameConverter&&) noexcept = default;
FrameConverter::~FrameConverter() = default;

Result<RgbImage> FrameConverter::to_rgb(const VideoFrame& frame, const Orientation& orientation, Size size) {
  if (size.width < 1 || size.height < 1 || size.width > kMaxClipSide || size.height > kMaxClipSide) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("a frame cannot be shown at {}x{}; sides go from 1 to {}", size.width,
                            size.height, kMaxClipSide));
  }
  const AVFrame& source = *frame.impl()->frame;
  Geometry wanted;
  wanted.from = frame.stored_size();
  wanted.to = orientation.displayed(size);  // its own inverse on sizes
  wanted.format = plain_format(source.format);
  wanted.full_range = frame.full_range();
  wanted.matrix = matrix_of(source);
  Conversion& conversion = *TRY(impl_->prepare(wanted));

  const AVFrame* current = &source;
  if (conversion.reducer != nullptr) {
    AVFrame& reduced = *conversion.reduced;
    if (sws_scale(conversion.reducer.get(), source.data, source.linesize, 0, source.height, reduced.data,
                  reduced.linesize) <= 0) {
      return fail(ErrorKind::internal, "a frame could not be scaled");
    }
    current = &reduced;
  }
  AVFrame& rgb = *conversion.rgb;
  if (sws_scale(conversion.colorer.get(), current->data, current->linesize, 0, wanted.to.height, rgb.data,
                rgb.linesize) <= 0) {
    return fail(ErrorKind::internal, "a frame could not be converted to RGB");
  }
  PlaneView view;
  view.data = rgb.data[0];
  view.stride = rgb.linesize[0];
  view.width = wanted.to.width;
  view.height = wanted.to.height;
  view.channels = 3;
  RgbImage image;
  image.size = size;
  image.pixels.resize(static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height) * 3);
  turn_pixels(view, orientation, image.pixels.data());
  return image;
}

}  // namespace sightline::media
