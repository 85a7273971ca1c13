#include "sight/media/video_encoder.h"

#include <fmt/format.h>

#include <algorithm>

#include "sight/media/libav.h"
#include "sight/media/video_frame_impl.h"

extern "C" {
#include <libavutil/pixdesc.h>
}

namespace sightline::media {
namespace {

/// What the encoder takes for the frame rate: it only steers rate control and the stream's level, since the
/// true times never pass through the encoder.
AVRational nominal_rate(const VideoInfo& info) {
  const double rate = info.frame_rate.den > 0 ? info.frame_rate.value() : 0;
  if (!(rate >= 1 && rate <= 480)) return {25, 1};
  AVRational reduced{25, 1};
  av_reduce(&reduced.num, &reduced.den, info.frame_rate.num, info.frame_rate.den, 60'000);
  return reduced;
}

/// x264's longest, of preset placebo, and some.
constexpr std::int64_t kLookahead = 64;

/// What two runs would differ without: macroblock-tree reads memory that it never wrote, when the clip is
/// shorter than the look-ahead, and in x264's code for AVX-512 at many widths.
std::string x264_parameters(const VideoInfo& info) {
  std::string parameters;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") != 0) parameters = "asm=avx2";
#endif
  if (info.frame_count > 0 && info.frame_count < kLookahead)
    parameters += parameters.empty() ? "mbtree=0" : ":mbtree=0";
  return parameters;
}

void set_options(AVCodecContext& codec, AvOptions& options, const EncoderChoice& choice,
                 const VideoInfo& info, int threads) {
  const std::string crf = std::to_string(choice.crf);
  if (choice.encoder == "mpeg4") {
    codec.flags |= AV_CODEC_FLAG_QSCALE;
    codec.flags &= ~AV_CODEC_FLAG_CLOSED_GOP;  // without B-frames they all are, and the flag is refused
    codec.global_quality = choice.crf * FF_QP2LAMBDA;
    codec.max_b_frames = 0;
    codec.gop_size = 100;
    return;
  }
  options.set("crf", crf.c_str());
  if (choice.encoder == "libx264") {
    options.set("preset", choice.preset.c_str());
    options.set("x264-params", x264_parameters(info).c_str());
  } else if (choice.encoder == "libx265") {
    options.set("preset", choice.preset.c_str());
    std::string parameters = "log-level=none:open-gop=0:info=0";
    if (threads > 0) parameters += fmt::format(":pools={}", threads);
    options.set("x265-params", parameters.c_str());
  } else if (choice.encoder == "libsvtav1") {
    options.set("preset", choice.preset.c_str());
    options.set("svtav1-params", fmt::format("lp={}", threads).c_str());
  } else {
    options.set("cpu-used", choice.preset.c_str());
    codec.bit_rate = 0;
    if (choice.encoder == "libvpx") {
      // VP8 has no pure quality mode: crf counts under a rate that it never reaches.
      codec.bit_rate = 400'000'000;
      options.set("deadline", "good");
    } else if (choice.encoder == "libvpx-vp9") {
      options.set("deadline", "good");
      options.set("row-mt", "1");
      options.set("tile-columns", "1");
    } else {
      options.set("row-mt", "1");
    }
  }
}

void set_colour(AVCodecContext& codec, const ColourTags& tags) {
  codec.color_range = static_cast<AVColorRange>(tags.range);
  codec.color_primaries = static_cast<AVColorPrimaries>(tags.primaries);
  codec.color_trc = static_cast<AVColorTransferCharacteristic>(tags.transfer);
  codec.colorspace = static_cast<AVColorSpace>(tags.matrix);
  codec.chroma_sample_location = static_cast<AVChromaLocation>(tags.chroma_location);
}

void drop_side_data(AVFrame& frame) {
  for (int i = 0; i < frame.nb_side_data;) {
    const AVFrameSideDataType type = frame.side_data[i]->type;
    if (type == AV_FRAME_DATA_A53_CC) {
      ++i;
      continue;
    }
    av_frame_remove_side_data(&frame, type);
    i = 0;
  }
}

Error encoder_error(const EncoderChoice& choice, int code) {
  return {ErrorKind::unavailable, fmt::format("{} cannot encode this clip ({}); choose another codec",
                                              choice.encoder, av_error_text(code))};
}

}  // namespace

struct VideoEncoder::Impl {
  EncoderChoice choice;
  AvCodecPtr codec;
  AvPacketPtr packet;
  Bytes extradata;
  AVPixelFormat format = AV_PIX_FMT_NONE;
  /// True times by frame number: the encoder itself counts frames.
  std::vector<std::int64_t> pts;

  Result<std::vector<EncodedPacket>> drain();
};

Result<std::vector<EncodedPacket>> VideoEncoder::Impl::drain() {
  std::vector<EncodedPacket> packets;
  for (;;) {
    const int code = avcodec_receive_packet(codec.get(), packet.get());
    if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return packets;
    if (code < 0) return std::unexpected(encoder_error(choice, code));
    const std::int64_t number = packet->pts;
    if (number < 0 || number >= static_cast<std::int64_t>(pts.size()) || packet->size <= 0) {
      return fail(ErrorKind::internal, fmt::format("{} gave a packet of no frame", choice.encoder));
    }
    EncodedPacket& out = packets.emplace_back();
    out.data.assign(packet->data, packet->data + packet->size);
    out.pts = pts[static_cast<std::size_t>(number)];
    out.keyframe = (packet->flags & AV_PKT_FLAG_KEY) != 0;
    av_packet_unref(packet.get());
  }
}

Result<VideoEncoder> VideoEncoder::create(const VideoInfo& info, const VideoFrame& first,
                                          const EncoderChoice& choice, int threads) {
  silence_libav();
  const AVCodec* encoder = avcodec_find_encoder_by_name(choice.encoder.c_str());
  if (encoder == nullptr) {
    return fail(ErrorKind::unavailable,
                fmt::format("libav was built without {}; choose another codec", choice.encoder));
  }
  auto impl = std::make_unique<Impl>();
  impl->choice = choice;
  impl->codec.reset(avcodec_alloc_context3(encoder));
  impl->packet.reset(av_packet_alloc());
  if (impl->codec == nullptr || impl->packet == nullptr) {
    return fail(ErrorKind::internal, "not enough memory for a video encoder");
  }
  const AVFrame& frame = *first.impl()->frame;
  impl->format = plain_format(frame.format);
  AVCodecContext& codec = *impl->codec;
  codec.width = frame.width;
  codec.height = frame.height;
  codec.pix_fmt = impl->format;
  codec.framerate = nominal_rate(info);
  codec.time_base = av_inv_q(codec.framerate);
  codec.thread_count = threads;
  codec.flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_CLOSED_GOP | AV_CODEC_FLAG_BITEXACT;
  av_reduce(&codec.sample_aspect_ratio.num, &codec.sample_aspect_ratio.den, info.sample_aspect.num,
            info.sample_aspect.den, 65'535);
  set_colour(codec, info.colour);

  AvOptions options;
  set_options(codec, options, choice, info, threads);
  const int code = avcodec_open2(&codec, encoder, options.get());
  if (code < 0) return std::unexpected(encoder_error(choice, code));
  if (const std::string unused = options.unused(); !unused.empty()) {
    return fail(ErrorKind::internal, fmt::format("{} does not know the option {}", choice.encoder, unused));
  }
  if (codec.extradata_size > 0) {
    impl->extradata.assign(codec.extradata, codec.extradata + codec.extradata_size);
  }
  return VideoEncoder(std::move(impl));
}

VideoEncoder::VideoEncoder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
VideoEncoder::VideoEncoder(VideoEncoder&&) noexcept = default;
VideoEncoder& VideoEncoder::operator=(VideoEncoder&&) noexcept = default;
VideoEncoder::~VideoEncoder() = default;

const Bytes& VideoEncoder::extradata() const {
  return impl_->extradata;
}

Result<std::vector<EncodedPacket>> VideoEncoder::encode(const VideoFrame& frame) {
  const AVFrame& source = *frame.impl()->frame;
  AVCodecContext& codec = *impl_->codec;
  if (source.width != codec.width || source.height != codec.height ||
      plain_format(source.format) != impl_->format) {
    return fail(
        ErrorKind::unsupported,
        fmt::format("the clip changes midway from {}x{} {} to {}x{} {}; split it there and process the parts",
                    codec.width, codec.height, av_get_pix_fmt_name(impl_->format), source.width,
                    source.height, av_get_pix_fmt_name(plain_format(source.format))));
  }
  // The samples are shared, the rest is the encoder's own: nothing of the input's coding (picture types,
  // time codes, user data) may steer the encoder or be carried on, except closed captions, which are text.
  AvFramePtr own(av_frame_clone(&source));
  if (own == nullptr) return fail(ErrorKind::internal, "not enough memory for a video frame");
  drop_side_data(*own);
  av_dict_free(&own->metadata);
  own->format = impl_->format;
  own->color_range = codec.color_range;
  own->color_primaries = codec.color_primaries;
  own->color_trc = codec.color_trc;
  own->colorspace = codec.colorspace;
  own->chroma_location = codec.chroma_sample_location;
  own->sample_aspect_ratio = codec.sample_aspect_ratio;
  own->pict_type = AV_PICTURE_TYPE_NONE;
  own->key_frame = 0;
  own->quality = 0;
  own->pts = static_cast<std::int64_t>(impl_->pts.size());
  own->pkt_duration = 1;
  impl_->pts.push_back(frame.pts());
  if (impl_->choice.encoder == "mpeg4") own->quality = codec.global_quality;

  const int code = avcodec_send_frame(&codec, own.get());
  if (code < 0) return std::unexpected(encoder_error(impl_->choice, code));
  return impl_->drain();
}

Result<std::vector<EncodedPacket>> VideoEncoder::flush() {
  const int code = avcodec_send_frame(impl_->codec.get(), nullptr);
  if (code < 0 && code != AVERROR_EOF) return std::unexpected(encoder_error(impl_->choice, code));
  return impl_->drain();
}

}  // namespace sightline::media
