#include "sight/media/clip_orientation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

extern "C" {
#include <libavutil/opt.h>
}

namespace sightline::media {

Result<void> set_display_matrix(AVStream& stream, const VideoInfo& info) {
  if (info.orientation == Orientation{}) return {};
  constexpr std::int32_t kOne = 1 << 16;  // 16.16
  // Where the picture's right (x) and down (y) go on the screen, after 0 to 3 clockwise quarter turns.
  constexpr std::array<std::array<int, 4>, 4> kTurns = {
      {{1, 0, 0, 1}, {0, 1, -1, 0}, {-1, 0, 0, -1}, {0, -1, 1, 0}}};
  auto [xx, xy, yx, yy] = kTurns.at(static_cast<std::size_t>(info.orientation.quarter_turns & 3));
  if (info.orientation.mirrored) {
    xx = -xx;
    xy = -xy;
  }
  auto* matrix = reinterpret_cast<std::int32_t*>(
      av_stream_new_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, 9 * sizeof(std::int32_t)));
  if (matrix == nullptr) return fail(ErrorKind::internal, "not enough memory for the clip's orientation");
  const auto [width, height] = info.stored_size;
  // The last row moves the turned picture back to where x and y are not negative.
  const int x = xx < 0 ? width : (yx < 0 ? height : 0);
  const int y = xy < 0 ? width : (yy < 0 ? height : 0);
  const std::array<std::int32_t, 9> values = {xx * kOne, xy * kOne, 0,        yx * kOne, yy * kOne,
                                              0,         x * kOne,  y * kOne, 1 << 30};
  std::ranges::copy(values, matrix);
  return {};
}

Result<StreamOrientation> StreamOrientation::create(const AVStream& stream, const Orientation& orientation) {
  const AVBitStreamFilter* filter = av_bsf_get_by_name("h264_metadata");
  AVBSFContext* context = nullptr;
  if (filter == nullptr || av_bsf_alloc(filter, &context) < 0) {
    return fail(ErrorKind::unavailable,
                "libav was built without the h264_metadata filter; write an mp4 file");
  }
  StreamOrientation result(context);
  // Mirrored first like an Orientation, but turned anticlockwise.
  const int turns = (4 - orientation.quarter_turns) % 4;
  av_opt_set_double(context->priv_data, "rotate", 90.0 * turns, 0);
  if (orientation.mirrored) av_opt_set(context->priv_data, "flip", "horizontal", 0);
  av_opt_set(context->priv_data, "display_orientation", "insert", 0);
  context->time_base_in = stream.time_base;
  if (avcodec_parameters_copy(context->par_in, stream.codecpar) < 0 || av_bsf_init(context) < 0) {
    return fail(ErrorKind::internal, "the orientation of the clip cannot be written into its H.264 stream");
  }
  return result;
}

Result<void> StreamOrientation::apply(AVPacket& packet) {
  const int sent = av_bsf_send_packet(filter_.get(), &packet);
  const int code = sent < 0 ? sent : av_bsf_receive_packet(filter_.get(), &packet);
  if (code < 0) {
    return fail(ErrorKind::internal,
                fmt::format("the orientation of the clip cannot be written into its H.264 "
                            "stream: {}",
                            av_error_text(code)));
  }
  return {};
}

}  // namespace sightline::media
