#pragma once
// What libav says of a video stream, checked and put into our own terms; private to this module.

#include <cstdint>
#include <span>
#include <string_view>

#include "sight/media/libav.h"
#include "sight/media/video_reader.h"

namespace sightline::media {

/// The nearest orientation to a display matrix (nine 16.16 and 2.30 fixed-point numbers, ISO/IEC 14496-12
/// 8.2.2.3, as libav keeps it). Anything that is not turned by quarters counts as its nearest quarter turn.
[[nodiscard]] Orientation orientation_from_matrix(std::span<const std::int32_t, 9> matrix);

/// Refuses a stream that is known not to be handled before anything is decoded: no decoder, interlaced,
/// transparent, oversized.
[[nodiscard]] Result<void> check_stream(const AVStream& stream, std::string_view name);

/// Refuses a decoded picture: pixel format, interlaced, size.
[[nodiscard]] Result<void> check_frame(const AVFrame& frame, std::string_view name);

/// Needs the first decoded picture, the only one that knows the format, the cropping and some of the tags.
/// Fills all of `info` but the number of the track.
void describe(AVFormatContext& context, AVStream& stream, AVFrame& first, VideoInfo& info);

}  // namespace sightline::media
