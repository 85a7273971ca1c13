#include "sight/media/frame_factory.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "sight/media/clip_input.h"
#include "sight/media/video_frame_impl.h"

namespace sightline::media {
namespace {

AVPixelFormat planar_format(int bit_depth, int shift_x, int shift_y) {
  if (shift_x != 1 || (shift_y != 0 && shift_y != 1)) return AV_PIX_FMT_NONE;
  if (bit_depth == 8) return shift_y == 1 ? AV_PIX_FMT_YUV420P : AV_PIX_FMT_YUV422P;
  if (bit_depth == 10) return shift_y == 1 ? AV_PIX_FMT_YUV420P10 : AV_PIX_FMT_YUV422P10;
  return AV_PIX_FMT_NONE;
}

Result<AvFramePtr> allocate(Size size, AVPixelFormat format) {
  AvFramePtr frame(av_frame_alloc());
  if (frame != nullptr) {
    frame->width = size.width;
    frame->height = size.height;
    frame->format = format;
    if (av_frame_get_buffer(frame.get(), 0) >= 0) return frame;
  }
  return fail(ErrorKind::internal,
              fmt::format("not enough memory for a picture of {}x{}", size.width, size.height));
}

void fill_black(const VideoFrame& frame) {
  const int deeper = frame.bit_depth() - 8;
  for (int p = 0; p < 3; ++p) {
    const PlaneView plane = frame.plane(p);
    const auto value = static_cast<std::uint16_t>((p == 0 ? 16 : 128) << deeper);
    for (int y = 0; y < plane.height; ++y) {
      std::uint8_t* row = plane.row(y);
      if (deeper == 0) {
        std::fill_n(row, plane.width, static_cast<std::uint8_t>(value));
        continue;
      }
      for (int x = 0; x < plane.width; ++x) std::memcpy(row + 2 * x, &value, sizeof value);
    }
  }
}

}  // namespace

Result<VideoFrame> make_frame(Size size, int bit_depth, int chroma_shift_x, int chroma_shift_y,
                              std::int64_t pts) {
  const AVPixelFormat format = planar_format(bit_depth, chroma_shift_x, chroma_shift_y);
  if (format == AV_PIX_FMT_NONE) {
    return fail(
        ErrorKind::invalid_argument,
        fmt::format("a frame of {} bit with chroma shifts {} and {} is not handled; 8 or 10 bit, 4:2:0 or "
                    "4:2:2 are",
                    bit_depth, chroma_shift_x, chroma_shift_y));
  }
  if (size.width < 1 || size.height < 1 || size.width > kMaxClipSide || size.height > kMaxClipSide) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("a frame of {}x{} pixels cannot be made; sides go from 1 to {}", size.width,
                            size.height, kMaxClipSide));
  }
  AvFramePtr frame = TRY(allocate(size, format));
  frame->pts = pts;
  frame->color_range = AVCOL_RANGE_MPEG;
  frame->colorspace = AVCOL_SPC_BT709;
  frame->color_primaries = AVCOL_PRI_BT709;
  frame->color_trc = AVCOL_TRC_BT709;
  frame->sample_aspect_ratio = {1, 1};
  VideoFrame made = wrap_frame(std::move(frame));
  fill_black(made);
  return made;
}

Result<VideoFrame> frame_from_rgb(const RgbImage& image, std::int64_t pts) {
  VideoFrame made = TRY(make_frame(image.size, 8, 1, 1, pts));
  silence_libav();
  // swscale may read past the end of a tightly packed row, so the pixels move to padded ones first.
  AvFramePtr rgb = TRY(allocate(image.size, AV_PIX_FMT_RGB24));
  for (int y = 0; y < image.size.height; ++y) {
    std::memcpy(rgb->data[0] + static_cast<std::ptrdiff_t>(y) * rgb->linesize[0], image.row(y),
                static_cast<std::size_t>(image.size.width) * 3);
  }
  SwsPtr scaler(sws_getContext(image.size.width, image.size.height, AV_PIX_FMT_RGB24, image.size.width,
                               image.size.height, AV_PIX_FMT_YUV420P, SWS_AREA | SWS_ACCURATE_RND, nullptr,
                               nullptr, nullptr));
  if (scaler == nullptr) return fail(ErrorKind::internal, "no conversion from RGB to a video frame");
  const int* matrix = sws_getCoefficients(SWS_CS_ITU709);
  constexpr int kOne = 1 << 16;
  sws_setColorspaceDetails(scaler.get(), matrix, 1, matrix, 0, 0, kOne, kOne);
  AVFrame& out = *made.impl()->frame;
  if (sws_scale(scaler.get(), rgb->data, rgb->linesize, 0, image.size.height, out.data, out.linesize) <= 0) {
    return fail(ErrorKind::internal, "the conversion from RGB to a video frame failed");
  }
  return made;
}

}  // namespace sightline::media
