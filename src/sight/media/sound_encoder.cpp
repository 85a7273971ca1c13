#include "sight/media/sound_encoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

extern "C" {
#include <libavutil/channel_layout.h>
#include <libavutil/mem.h>
#include <libavutil/samplefmt.h>
}

namespace sightline::media {
namespace {

Error no_encoder_memory() {
  return {ErrorKind::internal, "not enough memory to encode sound"};
}

/// The layouts that both codecs have, by the number of channels, but for four, where each has its own.
AVChannelLayout usual_layout(int channels, bool opus) {
  constexpr AVChannelLayout kMono = AV_CHANNEL_LAYOUT_MONO;
  constexpr AVChannelLayout kStereo = AV_CHANNEL_LAYOUT_STEREO;
  constexpr AVChannelLayout kSurround = AV_CHANNEL_LAYOUT_SURROUND;
  constexpr AVChannelLayout kQuad = AV_CHANNEL_LAYOUT_QUAD;
  constexpr AVChannelLayout kFour = AV_CHANNEL_LAYOUT_4POINT0;
  constexpr AVChannelLayout kFive = AV_CHANNEL_LAYOUT_5POINT0_BACK;
  constexpr AVChannelLayout kSix = AV_CHANNEL_LAYOUT_5POINT1_BACK;
  constexpr AVChannelLayout kSeven = AV_CHANNEL_LAYOUT_6POINT1;
  constexpr AVChannelLayout kEight = AV_CHANNEL_LAYOUT_7POINT1;
  switch (channels) {
    case 1:
      return kMono;
    case 3:
      return kSurround;
    case 4:
      return opus ? kQuad : kFour;
    case 5:
      return kFive;
    case 6:
      return kSix;
    case 7:
      return opus ? kSeven : kSix;
    case 8:
      return opus ? kEight : kSix;  // AAC's eight channels have other places: fewer that are right
    default:
      return kStereo;
  }
}

/// The least rate of the encoder that loses nothing.
int encoder_rate(const AVCodec& encoder, int rate) {
  if (encoder.id == AV_CODEC_ID_OPUS) return 48'000;  // all its others count in ticks of this one
  int best = 0;
  for (const int* at = encoder.supported_samplerates; at != nullptr && *at != 0; ++at) {
    const bool enough = *at >= rate;
    const bool better = best == 0 || (enough && (best < rate || *at < best)) || (best < rate && *at > best);
    if (better) best = *at;
  }
  return best == 0 ? rate : best;
}

}  // namespace

SoundSamples::~SoundSamples() {
  av_freep(static_cast<void*>(&planes_[0]));  // one block for all planes
}

Result<void> SoundSamples::allocate(const AVCodecContext& format, int count) {
  const int code = av_samples_alloc(planes_, nullptr, format.ch_layout.nb_channels, std::max(1, count),
                                    format.sample_fmt, 0);
  if (code < 0) return std::unexpected(no_encoder_memory());
  return {};
}

Result<SoundEncoder> SoundEncoder::create(std::string_view encoder, int rate, int channels,
                                          const ConvertedSpan& span) {
  constexpr int kBitsPerSample = 2;
  constexpr int kLeastBits = 48'000;  // a channel
  constexpr int kMostBits = 128'000;
  const AVCodec* found = avcodec_find_encoder_by_name(std::string(encoder).c_str());
  if (found == nullptr) {
    return fail(ErrorKind::unavailable, fmt::format("libav was built without {}", encoder));
  }
  SoundEncoder made;
  made.codec_.reset(avcodec_alloc_context3(found));
  if (made.codec_ == nullptr) return std::unexpected(no_encoder_memory());
  AVCodecContext& codec = *made.codec_;
  codec.sample_rate = encoder_rate(*found, rate);
  codec.ch_layout = usual_layout(channels, found->id == AV_CODEC_ID_OPUS);
  codec.sample_fmt = found->sample_fmts[0];
  codec.time_base = {1, codec.sample_rate};
  codec.bit_rate = std::int64_t{codec.ch_layout.nb_channels} *
                   std::clamp(kBitsPerSample * codec.sample_rate, kLeastBits, kMostBits);
  codec.thread_count = 1;
  codec.flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
  const int code = avcodec_open2(&codec, found, nullptr);
  if (code < 0) {
    return fail(ErrorKind::unavailable,
                fmt::format("{} does not take it ({})", encoder, av_error_text(code)));
  }
  made.fifo_.reset(av_audio_fifo_alloc(codec.sample_fmt, codec.ch_layout.nb_channels, codec.frame_size));
  if (made.fifo_ == nullptr) return std::unexpected(no_encoder_memory());
  if (span.from) made.from_ = av_rescale_q(*span.from, span.time_base, codec.time_base);
  if (span.to) made.to_ = av_rescale_q(*span.to, span.time_base, codec.time_base);
  return made;
}

Result<void> SoundEncoder::add(std::uint8_t** samples, int count, std::int64_t at,
                               std::vector<AvPacketPtr>& ready) {
  const std::int64_t first = std::max({at, from_, started_ ? end() : at});
  const std::int64_t last = std::min(at + count, to_);
  if (first >= last) return {};
  TRY(bridge(first, ready));
  const int channels = codec_->ch_layout.nb_channels;
  const bool planar = av_sample_fmt_is_planar(codec_->sample_fmt) != 0;
  const std::int64_t step =
      std::int64_t{av_get_bytes_per_sample(codec_->sample_fmt)} * (planar ? 1 : channels);
  std::array<void*, AV_NUM_DATA_POINTERS> from{};
  for (int plane = 0; plane < (planar ? channels : 1); ++plane) {
    from.at(static_cast<std::size_t>(plane)) = samples[plane] + (first - at) * step;
  }
  const int kept = static_cast<int>(last - first);
  if (av_audio_fifo_write(fifo_.get(), from.data(), kept) < kept) return std::unexpected(no_encoder_memory());
  return encode(false, ready);
}

Result<void> SoundEncoder::finish(std::vector<AvPacketPtr>& ready) {
  TRY(encode(true, ready));
  return send(nullptr, ready);
}

/// Sound goes on at `start`: the coded frame under way is filled with silence as far as need be, and the next
/// one begins where the sound does.
Result<void> SoundEncoder::bridge(std::int64_t start, std::vector<AvPacketPtr>& ready) {
  if (started_ && av_audio_fifo_size(fifo_.get()) > 0 && start > end()) {
    const std::int64_t room = codec_->frame_size - av_audio_fifo_size(fifo_.get());
    const int silence = static_cast<int>(std::min(room, start - end()));
    SoundSamples buffer;
    TRY(buffer.allocate(*codec_, silence));
    av_samples_set_silence(buffer.planes(), 0, silence, codec_->ch_layout.nb_channels, codec_->sample_fmt);
    std::array<void*, AV_NUM_DATA_POINTERS> from{};
    std::copy_n(buffer.planes(), from.size(), from.begin());
    if (av_audio_fifo_write(fifo_.get(), from.data(), silence) < silence) {
      return std::unexpected(no_encoder_memory());
    }
    TRY(encode(false, ready));
  }
  if (!started_ || start > end()) start_ = start;
  started_ = true;
  return {};
}

/// Codes the whole frames that the fifo holds; at the end also what is left.
Result<void> SoundEncoder::encode(bool last, std::vector<AvPacketPtr>& ready) {
  while (true) {
    const int held = av_audio_fifo_size(fifo_.get());
    const int count = std::min(held, codec_->frame_size);
    if (count == 0 || (count < codec_->frame_size && !last)) return {};
    AvFramePtr frame(av_frame_alloc());
    if (frame == nullptr) return std::unexpected(no_encoder_memory());
    frame->nb_samples = count;
    frame->format = codec_->sample_fmt;
    frame->sample_rate = codec_->sample_rate;
    frame->ch_layout = codec_->ch_layout;
    frame->pts = start_;
    if (av_frame_get_buffer(frame.get(), 0) < 0) return std::unexpected(no_encoder_memory());
    std::array<void*, AV_NUM_DATA_POINTERS> into{};
    std::ranges::copy(frame->data, into.begin());
    if (av_audio_fifo_read(fifo_.get(), into.data(), count) < count) {
      return fail(ErrorKind::internal, "sound was lost on its way to the encoder");
    }
    start_ += count;
    TRY(send(frame.get(), ready));
  }
}

Result<void> SoundEncoder::send(const AVFrame* frame, std::vector<AvPacketPtr>& ready) {
  int code = avcodec_send_frame(codec_.get(), frame);
  while (code >= 0) {
    AvPacketPtr packet(av_packet_alloc());
    if (packet == nullptr) return std::unexpected(no_encoder_memory());
    code = avcodec_receive_packet(codec_.get(), packet.get());
    if (code >= 0) ready.push_back(std::move(packet));
  }
  if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return {};
  return fail(ErrorKind::internal,
              fmt::format("sound cannot be encoded as {}: {}", codec_->codec->name, av_error_text(code)));
}

}  // namespace sightline::media
