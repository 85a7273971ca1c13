#include "sight/media/stream_info.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "sight/media/clip_input.h"
#include "sight/media/video_frame_impl.h"

extern "C" {
#include <libavutil/pixdesc.h>
}

namespace sightline::media {
namespace {

Rational reduced(AVRational value) {
  if (value.num <= 0 || value.den <= 0) return {0, 1};
  int num = 0;
  int den = 1;
  av_reduce(&num, &den, value.num, value.den, INT32_MAX);
  return {num, den};
}

Error interlaced(std::string_view name) {
  return {ErrorKind::unsupported,
          fmt::format("{} is interlaced; deinterlace it first: ffmpeg -i IN -vf bwdif OUT", name)};
}

Result<void> check_size(int width, int height, std::string_view name) {
  const bool too_large = width > kMaxClipSide || height > kMaxClipSide ||
                         static_cast<std::int64_t>(width) * height > kMaxClipPixels;
  if (!too_large) return {};
  return fail(
      ErrorKind::too_large,
      fmt::format("{} is {}x{}; clips may have up to {} pixels a side and {} million in all; reduce it "
                  "first: ffmpeg -i IN -vf scale=3840:-2 OUT",
                  name, width, height, kMaxClipSide, kMaxClipPixels / 1'000'000));
}

bool is_tone_metadata(AVFrameSideDataType type) {
  switch (type) {
    case AV_FRAME_DATA_MASTERING_DISPLAY_METADATA:
    case AV_FRAME_DATA_CONTENT_LIGHT_LEVEL:
    case AV_FRAME_DATA_DYNAMIC_HDR_PLUS:
    case AV_FRAME_DATA_DYNAMIC_HDR_VIVID:
    case AV_FRAME_DATA_DOVI_RPU_BUFFER:
    case AV_FRAME_DATA_DOVI_METADATA:
      return true;
    default:
      return false;
  }
}

bool has_tone_metadata(const AVStream& stream, const AVFrame& frame) {
  for (int i = 0; i < frame.nb_side_data; ++i) {
    if (is_tone_metadata(frame.side_data[i]->type)) return true;
  }
  constexpr std::array kPacketTypes = {AV_PKT_DATA_MASTERING_DISPLAY_METADATA,
                                       AV_PKT_DATA_CONTENT_LIGHT_LEVEL, AV_PKT_DATA_DOVI_CONF};
  return std::any_of(kPacketTypes.begin(), kPacketTypes.end(), [&](AVPacketSideDataType type) {
    return av_stream_get_side_data(&stream, type, nullptr) != nullptr;
  });
}

Orientation orientation_of(const AVStream& stream, const AVFrame& frame) {
  std::array<std::int32_t, 9> matrix{};
  const AVFrameSideData* own = av_frame_get_side_data(&frame, AV_FRAME_DATA_DISPLAYMATRIX);
  std::size_t size = own == nullptr ? 0 : own->size;
  const std::uint8_t* data = own == nullptr ? nullptr : own->data;
  if (data == nullptr) data = av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
  if (data == nullptr || size < sizeof matrix) return {};
  std::memcpy(matrix.data(), data, sizeof matrix);
  return orientation_from_matrix(matrix);
}

/// What the file says of the track, where it is silent what the decoder found (VP8's always names the same).
ColourTags colour_of(const AVCodecParameters& par, const AVFrame& frame) {
  ColourTags tags{par.color_range, par.color_primaries, par.color_trc, par.color_space, par.chroma_location};
  const bool full = frame.format == AV_PIX_FMT_YUVJ420P || frame.format == AV_PIX_FMT_YUVJ422P;
  if (tags.range == AVCOL_RANGE_UNSPECIFIED) tags.range = frame.color_range;
  if (full) tags.range = AVCOL_RANGE_JPEG;
  if (tags.primaries == AVCOL_PRI_UNSPECIFIED) tags.primaries = frame.color_primaries;
  if (tags.transfer == AVCOL_TRC_UNSPECIFIED) tags.transfer = frame.color_trc;
  if (tags.matrix == AVCOL_SPC_UNSPECIFIED) tags.matrix = frame.colorspace;
  if (tags.chroma_location == AVCHROMA_LOC_UNSPECIFIED) tags.chroma_location = frame.chroma_location;
  return tags;
}

std::int64_t duration_of(const AVFormatContext& context, const AVStream& stream) {
  if (stream.duration > 0) return stream.duration;
  if (context.duration <= 0) return 0;
  return std::max<std::int64_t>(
      0, av_rescale_q(context.duration, AVRational{1, AV_TIME_BASE}, stream.time_base));
}

std::int64_t estimate_frames(const AVStream& stream, const VideoInfo& info) {
  const double seconds = static_cast<double>(info.duration) * info.time_base.value();
  const double by_rate = std::min(seconds * info.frame_rate.value(), 1e12);
  const auto estimate = static_cast<std::int64_t>(std::llround(by_rate));
  if (stream.nb_frames <= 0) return estimate;
  // The table also counts frames that an edit list hides; the duration does not.
  return estimate > 0 ? std::min(stream.nb_frames, estimate + 1) : stream.nb_frames;
}

}  // namespace

Orientation orientation_from_matrix(std::span<const std::int32_t, 9> matrix) {
  // A stored pixel (x, y) is shown at (a x + c y, b x + d y). In double: a hostile product overflows.
  const double a = matrix[0];
  const double b = matrix[1];
  const double c = matrix[3];
  const double d = matrix[4];
  Orientation orientation;
  orientation.mirrored = a * d - b * c < 0;
  // The mirroring comes first and negates what becomes of the stored x axis, so the turn is that of y.
  const bool upright = std::abs(d) >= std::abs(c);
  if (upright) {
    orientation.quarter_turns = d < 0 ? 2 : 0;
  } else {
    orientation.quarter_turns = c < 0 ? 1 : 3;
  }
  return orientation;
}

Result<void> check_stream(const AVStream& stream, std::string_view name) {
  const AVCodecParameters& par = *stream.codecpar;
  if (avcodec_find_decoder(par.codec_id) == nullptr) {
    return fail(ErrorKind::unsupported,
                fmt::format("{}: no decoder for its video codec ({}); convert it first: ffmpeg -i IN OUT.mp4",
                            name, avcodec_get_name(par.codec_id)));
  }
  if (par.codec_id == AV_CODEC_ID_GIF || par.codec_id == AV_CODEC_ID_APNG) {
    return fail(ErrorKind::unsupported,
                fmt::format("{} holds an animated picture, which is not handled", name));
  }
  if (par.field_order == AV_FIELD_TT || par.field_order == AV_FIELD_BB || par.field_order == AV_FIELD_TB ||
      par.field_order == AV_FIELD_BT) {
    return std::unexpected(interlaced(name));
  }
  const AVDictionaryEntry* alpha = av_dict_get(stream.metadata, "alpha_mode", nullptr, 0);
  if (alpha != nullptr && std::string_view(alpha->value) != "0") {
    return fail(
        ErrorKind::unsupported,
        fmt::format("{} is transparent, which is not handled; flatten it first: ffmpeg -i IN -pix_fmt "
                    "yuv420p OUT",
                    name));
  }
  return check_size(par.width, par.height, name);
}

Result<void> check_frame(const AVFrame& frame, std::string_view name) {
  TRY(check_size(frame.width, frame.height, name));
  const auto format = static_cast<AVPixelFormat>(frame.format);
  if (!is_frame_format(format)) {
    const char* text = av_get_pix_fmt_name(format);
    return fail(
        ErrorKind::unsupported,
        fmt::format("{} has the pixel format {}; handled are 8- and 10-bit 4:2:0 and 4:2:2; convert it "
                    "first: ffmpeg -i IN -pix_fmt yuv420p OUT",
                    name, text == nullptr ? "unknown" : text));
  }
  if (frame.interlaced_frame != 0) return std::unexpected(interlaced(name));
  return {};
}

void describe(AVFormatContext& context, AVStream& stream, AVFrame& first, VideoInfo& info) {
  info.container = context.iformat->name;
  info.codec = avcodec_get_name(stream.codecpar->codec_id);
  info.stored_size = {first.width, first.height};
  info.orientation = orientation_of(stream, first);
  info.sample_aspect = reduced(av_guess_sample_aspect_ratio(&context, &stream, &first));
  if (info.sample_aspect.num == 0) info.sample_aspect = {1, 1};
  info.time_base = reduced(stream.time_base);
  info.frame_rate = reduced(av_guess_frame_rate(&context, &stream, nullptr));
  info.duration = duration_of(context, stream);
  info.frame_count = estimate_frames(stream, info);
  info.bit_depth = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(first.format))->comp[0].depth;
  info.chroma_shift_y = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(first.format))->log2_chroma_h;
  info.colour = colour_of(*stream.codecpar, first);
  info.tone_metadata = has_tone_metadata(stream, first);
}

}  // namespace sightline::media
