#pragma once
// What a VideoFrame holds, private to this module.

#include "sight/media/libav.h"
#include "sight/media/video_frame.h"

namespace sightline::media {

/// `frame` is never null, has a pixel format that is_frame_format() takes, and its pts is set in ticks of
/// the clip's time base.
struct VideoFrame::Impl {
  AvFramePtr frame;
};

/// Planar YUV 4:2:0 or 4:2:2 of 8 or 10 bit: what a VideoFrame may hold.
[[nodiscard]] bool is_frame_format(AVPixelFormat format);

/// Takes over `frame`, whose format the caller has checked with is_frame_format().
[[nodiscard]] VideoFrame wrap_frame(AvFramePtr frame);

}  // namespace sightline::media
