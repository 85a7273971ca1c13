#include "sight/media/video_frame.h"

#include <fmt/format.h>

#include <utility>

#include "sight/media/video_frame_impl.h"

extern "C" {
#include <libavutil/pixdesc.h>
}

namespace sightline::media {
namespace {

const AVPixFmtDescriptor& descriptor(const AVFrame& frame) {
  return *av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
}

}  // namespace

bool is_frame_format(AVPixelFormat format) {
  switch (format) {
    case AV_PIX_FMT_YUV420P:
    case AV_PIX_FMT_YUVJ420P:
    case AV_PIX_FMT_YUV422P:
    case AV_PIX_FMT_YUVJ422P:
    case AV_PIX_FMT_YUV420P10:
    case AV_PIX_FMT_YUV422P10:
      return true;
    default:
      return false;
  }
}

VideoFrame wrap_frame(AvFramePtr frame) {
  return VideoFrame(std::make_shared<VideoFrame::Impl>(VideoFrame::Impl{std::move(frame)}));
}

Size VideoFrame::stored_size() const {
  return {impl_->frame->width, impl_->frame->height};
}

int VideoFrame::bit_depth() const {
  return descriptor(*impl_->frame).comp[0].depth;
}

bool VideoFrame::full_range() const {
  const AVFrame& frame = *impl_->frame;
  return frame.format == AV_PIX_FMT_YUVJ420P || frame.format == AV_PIX_FMT_YUVJ422P ||
         frame.color_range == AVCOL_RANGE_JPEG;
}

int VideoFrame::chroma_shift_x() const {
  return descriptor(*impl_->frame).log2_chroma_w;
}
int VideoFrame::chroma_shift_y() const {
  return descriptor(*impl_->frame).log2_chroma_h;
}
std::int64_t VideoFrame::pts() const {
  return impl_->frame->pts;
}

PlaneView VideoFrame::plane(int plane) const {
  const AVFrame& frame = *impl_->frame;
  PlaneView view;
  view.data = frame.data[plane];
  view.stride = frame.linesize[plane];
  view.width = plane == 0 ? frame.width : AV_CEIL_RSHIFT(frame.width, chroma_shift_x());
  view.height = plane == 0 ? frame.height : AV_CEIL_RSHIFT(frame.height, chroma_shift_y());
  view.bit_depth = bit_depth();
  return view;
}

Result<void> VideoFrame::make_writable() {
  if (impl_.use_count() > 1) {
    // Another VideoFrame sees this very frame: part from it first, then let libav copy the samples.
    AvFramePtr own(av_frame_clone(impl_->frame.get()));
    if (own == nullptr) return fail(ErrorKind::internal, "not enough memory for a video frame");
    impl_ = std::make_shared<Impl>(Impl{std::move(own)});
  }
  const int code = av_frame_make_writable(impl_->frame.get());
  if (code < 0) {
    return fail(ErrorKind::internal,
                fmt::format("a video frame could not be copied: {}", av_error_text(code)));
  }
  return {};
}

}  // namespace sightline::media
