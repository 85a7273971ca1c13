#include "sight/media/sound_converter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <utility>

extern "C" {
#include <libavutil/audio_fifo.h>
#include <libavutil/channel_layout.h>
#include <libavutil/samplefmt.h>
#include <libswresample/swresample.h>
}

namespace sightline::media {
namespace {

// Outside of these a hostile rate would make a packet's samples without bound.
constexpr int kLeastRate = 1000;
constexpr int kMostRate = 768'000;
constexpr int kMostChannels = 64;
/// Times that stray by less than this are the container's rounding: lips do not show it, and the sound goes
/// on without a seam. Beyond it the time that the file says is right.
constexpr std::int64_t kStrayMilliseconds = 30;
/// A step back by more than this is another recording, joined on: it follows what came before.
constexpr std::int64_t kOverlapSeconds = 1;

struct SwrDeleter {
  void operator()(SwrContext* context) const { swr_free(&context); }
};
struct AudioFifoDeleter {
  void operator()(AVAudioFifo* fifo) const { av_audio_fifo_free(fifo); }
};
using SwrPtr = std::unique_ptr<SwrContext, SwrDeleter>;
using AudioFifoPtr = std::unique_ptr<AVAudioFifo, AudioFifoDeleter>;

Error no_sound_memory() {
  return {ErrorKind::internal, "not enough memory to convert sound"};
}

Error no_conversion(std::string why) {
  return {ErrorKind::unavailable, std::move(why)};
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

class SoundConverter final : public TrackConverter {
 public:
  Result<void> open(const AVStream& input, const AVCodec& encoder, const ConvertedSpan& span);
  [[nodiscard]] std::string codec() const override { return avcodec_get_name(encoder_->codec_id); }
  [[nodiscard]] Result<void> describe(AVStream& output) const override;
  [[nodiscard]] Result<std::vector<AvPacketPtr>> convert(const AVPacket* packet) override;
  [[nodiscard]] std::int64_t damaged() const override { return damaged_; }

 private:
  struct Source {
    int rate = 0;
    int format = AV_SAMPLE_FMT_NONE;
    AVChannelLayout layout{};  // native or a plain count: owns nothing
  };

  Result<void> open_decoder(const AVStream& input);
  Result<void> open_encoder(const AVCodec& encoder);
  Result<void> take_frames(std::vector<AvPacketPtr>& ready);
  Result<void> take(const AVFrame& frame, std::vector<AvPacketPtr>& ready);
  Result<void> place(const AVFrame& frame, std::vector<AvPacketPtr>& ready);
  Result<void> set_source(const Source& source, std::vector<AvPacketPtr>& ready);
  Result<void> resample(const std::uint8_t** samples, int count, std::vector<AvPacketPtr>& ready);
  Result<void> append(std::uint8_t** samples, int count, std::vector<AvPacketPtr>& ready);
  Result<void> bridge(std::int64_t start, std::vector<AvPacketPtr>& ready);
  Result<void> encode(bool last, std::vector<AvPacketPtr>& ready);
  Result<void> send(const AVFrame* frame, std::vector<AvPacketPtr>& ready);
  [[nodiscard]] std::int64_t end() const { return start_ + av_audio_fifo_size(fifo_.get()); }

  AvCodecPtr decoder_;
  AvCodecPtr encoder_;
  AvFramePtr frame_;
  SwrPtr resampler_;
  Source source_;
  AudioFifoPtr fifo_;       // in the encoder's format, less than one coded frame between calls
  AVRational clock_{1, 1};  // the input's time base
  std::int64_t from_ = std::numeric_limits<std::int64_t>::min();
  std::int64_t to_ = std::numeric_limits<std::int64_t>::max();
  // In samples of the output's rate on the input's clock, but for `expected_`: ticks of the input's rate.
  std::int64_t at_ = 0;        // where the next resampled sample belongs
  std::int64_t start_ = 0;     // of the first sample in the fifo, or where it would be
  std::int64_t expected_ = 0;  // where the next decoded sample belongs if nothing is missing
  std::int64_t joined_ = 0;    // added to all times after a step back, in ticks of the input's rate
  bool placed_ = false;        // at_ and expected_ hold
  bool started_ = false;       // start_ holds
  std::int64_t damaged_ = 0;
};

Result<void> SoundConverter::open_decoder(const AVStream& input) {
  const AVCodecParameters& par = *input.codecpar;
  const AVCodec* decoder = avcodec_find_decoder(par.codec_id);
  if (decoder == nullptr) return std::unexpected(no_conversion("there is no decoder for it"));
  if (par.sample_rate < kLeastRate || par.sample_rate > kMostRate || par.ch_layout.nb_channels < 1 ||
      par.ch_layout.nb_channels > kMostChannels) {
    return std::unexpected(no_conversion(
        fmt::format("it has {} channels at {} Hz", par.ch_layout.nb_channels, par.sample_rate)));
  }
  decoder_.reset(avcodec_alloc_context3(decoder));
  frame_.reset(av_frame_alloc());
  if (decoder_ == nullptr || frame_ == nullptr) return std::unexpected(no_sound_memory());
  int code = avcodec_parameters_to_context(decoder_.get(), &par);
  if (code >= 0) {
    decoder_->pkt_timebase = input.time_base;
    decoder_->thread_count = 1;
    code = avcodec_open2(decoder_.get(), decoder, nullptr);
  }
  if (code < 0) {
    return std::unexpected(no_conversion(fmt::format("it cannot be decoded ({})", av_error_text(code))));
  }
  clock_ = input.time_base;
  return {};
}

Result<void> SoundConverter::open_encoder(const AVCodec& encoder) {
  constexpr int kBitsPerSample = 2;
  constexpr int kLeastBits = 48'000;  // a channel
  constexpr int kMostBits = 128'000;
  encoder_.reset(avcodec_alloc_context3(&encoder));
  if (encoder_ == nullptr) return std::unexpected(no_sound_memory());
  AVCodecContext& codec = *encoder_;
  const bool opus = encoder.id == AV_CODEC_ID_OPUS;
  codec.sample_rate = encoder_rate(encoder, decoder_->sample_rate);
  codec.ch_layout = usual_layout(decoder_->ch_layout.nb_channels, opus);
  codec.sample_fmt = encoder.sample_fmts[0];
  codec.time_base = {1, codec.sample_rate};
  codec.bit_rate = std::int64_t{codec.ch_layout.nb_channels} *
                   std::clamp(kBitsPerSample * codec.sample_rate, kLeastBits, kMostBits);
  codec.thread_count = 1;
  codec.flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
  const int code = avcodec_open2(&codec, &encoder, nullptr);
  if (code < 0) {
    return std::unexpected(
        no_conversion(fmt::format("{} does not take it ({})", encoder.name, av_error_text(code))));
  }
  fifo_.reset(av_audio_fifo_alloc(codec.sample_fmt, codec.ch_layout.nb_channels, codec.frame_size));
  if (fifo_ == nullptr) return std::unexpected(no_sound_memory());
  return {};
}

Result<void> SoundConverter::open(const AVStream& input, const AVCodec& encoder, const ConvertedSpan& span) {
  TRY(open_decoder(input));
  TRY(open_encoder(encoder));
  const auto samples = [&](std::int64_t ticks) {
    return av_rescale_q(ticks, span.time_base, {1, encoder_->sample_rate});
  };
  if (span.from) from_ = samples(*span.from);
  if (span.to) to_ = samples(*span.to);
  return {};
}

Result<void> SoundConverter::describe(AVStream& output) const {
  if (avcodec_parameters_from_context(output.codecpar, encoder_.get()) < 0) {
    return std::unexpected(no_sound_memory());
  }
  output.codecpar->codec_tag = 0;
  output.time_base = encoder_->time_base;
  return {};
}

Result<std::vector<AvPacketPtr>> SoundConverter::convert(const AVPacket* packet) {
  std::vector<AvPacketPtr> ready;
  if (avcodec_send_packet(decoder_.get(), packet) < 0 && packet != nullptr) ++damaged_;
  TRY(take_frames(ready));
  if (packet != nullptr) return ready;
  if (resampler_ != nullptr) TRY(resample(nullptr, 0, ready));
  TRY(encode(true, ready));
  TRY(send(nullptr, ready));
  return ready;
}

Result<void> SoundConverter::take_frames(std::vector<AvPacketPtr>& ready) {
  constexpr int kMostErrors = 64;  // for one packet
  for (int errors = 0; errors < kMostErrors;) {
    const int code = avcodec_receive_frame(decoder_.get(), frame_.get());
    if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return {};
    if (code < 0) {
      ++errors;
      ++damaged_;
      continue;
    }
    TRY(take(*frame_, ready));
  }
  return {};
}

Result<void> SoundConverter::take(const AVFrame& frame, std::vector<AvPacketPtr>& ready) {
  const AVChannelLayout& layout = frame.ch_layout;
  const bool sane = frame.nb_samples > 0 && frame.sample_rate >= kLeastRate &&
                    frame.sample_rate <= kMostRate && layout.nb_channels >= 1 &&
                    layout.nb_channels <= kMostChannels;
  if (!sane) {
    ++damaged_;
    return {};
  }
  Source source{frame.sample_rate, frame.format, {}};
  if (layout.order == AV_CHANNEL_ORDER_NATIVE) {
    source.layout = layout;
  } else {
    av_channel_layout_default(&source.layout, layout.nb_channels);
  }
  TRY(set_source(source, ready));
  TRY(place(frame, ready));
  expected_ += frame.nb_samples;
  // Piece by piece: a packet may hold minutes at a low rate, which the resampler makes fifty times as long.
  constexpr int kPiece = 8192;
  const auto format = static_cast<AVSampleFormat>(frame.format);
  const bool planar = av_sample_fmt_is_planar(format) != 0;
  const std::size_t planes = planar ? static_cast<std::size_t>(layout.nb_channels) : 1;
  const std::int64_t step = std::int64_t{av_get_bytes_per_sample(format)} * (planar ? 1 : layout.nb_channels);
  std::vector<const std::uint8_t*> piece(planes);
  for (int done = 0; done < frame.nb_samples; done += kPiece) {
    for (std::size_t plane = 0; plane < planes; ++plane) {
      piece[plane] = frame.extended_data[plane] + done * step;
    }
    TRY(resample(piece.data(), std::min(kPiece, frame.nb_samples - done), ready));
  }
  return {};
}

/// Readies the resampler for samples of that kind; those of another kind before them are finished.
Result<void> SoundConverter::set_source(const Source& source, std::vector<AvPacketPtr>& ready) {
  const bool same = source.rate == source_.rate && source.format == source_.format &&
                    av_channel_layout_compare(&source.layout, &source_.layout) == 0;
  if (resampler_ != nullptr && same) return {};
  if (resampler_ != nullptr) TRY(resample(nullptr, 0, ready));
  if (placed_ && source.rate != source_.rate) {
    expected_ = av_rescale(expected_, source.rate, source_.rate);
    joined_ = av_rescale(joined_, source.rate, source_.rate);
  }
  source_ = source;
  SwrContext* context = nullptr;
  const int code = swr_alloc_set_opts2(&context, &encoder_->ch_layout, encoder_->sample_fmt,
                                       encoder_->sample_rate, &source_.layout,
                                       static_cast<AVSampleFormat>(source_.format), source_.rate, 0, nullptr);
  resampler_.reset(context);
  if (code < 0 || swr_init(context) < 0) {
    return fail(
        ErrorKind::unsupported,
        fmt::format("sound of {} channels at {} Hz cannot be converted; use --no-audio or an .mkv output",
                    source_.layout.nb_channels, source_.rate));
  }
  return {};
}

/// Decides where the frame belongs: after the one before, unless its own time says clearly otherwise.
Result<void> SoundConverter::place(const AVFrame& frame, std::vector<AvPacketPtr>& ready) {
  if (frame.pts == AV_NOPTS_VALUE && placed_) return {};
  constexpr std::int64_t kFarthest = std::int64_t{1} << 50;  // samples
  const std::int64_t said =
      frame.pts == AV_NOPTS_VALUE
          ? 0
          : std::clamp(av_rescale_q(frame.pts, clock_, {1, frame.sample_rate}), -kFarthest, kFarthest);
  std::int64_t strayed = said + joined_ - expected_;
  if (placed_ && std::abs(strayed) * 1000 <= kStrayMilliseconds * frame.sample_rate) return {};
  if (placed_) TRY(resample(nullptr, 0, ready));
  if (placed_ && strayed < -kOverlapSeconds * frame.sample_rate) {
    joined_ -= strayed;
    strayed = 0;
  }
  expected_ = placed_ ? expected_ + strayed : said;
  at_ = av_rescale(expected_, encoder_->sample_rate, frame.sample_rate);
  placed_ = true;
  return {};
}

/// Null samples: what the resampler still holds comes out, and it is ready for a new beginning.
Result<void> SoundConverter::resample(const std::uint8_t** samples, int count,
                                      std::vector<AvPacketPtr>& ready) {
  const int most = swr_get_out_samples(resampler_.get(), count);
  if (most < 0) return std::unexpected(no_sound_memory());
  std::array<std::uint8_t*, AV_NUM_DATA_POINTERS> planes{};
  const int channels = encoder_->ch_layout.nb_channels;
  if (av_samples_alloc(planes.data(), nullptr, channels, std::max(1, most), encoder_->sample_fmt, 0) < 0) {
    return std::unexpected(no_sound_memory());
  }
  const std::unique_ptr<std::uint8_t, decltype(&av_free)> owner(planes[0], &av_free);
  const int got = swr_convert(resampler_.get(), planes.data(), most, samples, count);
  if (got < 0) {
    return fail(ErrorKind::internal, fmt::format("sound cannot be resampled: {}", av_error_text(got)));
  }
  if (samples == nullptr) swr_init(resampler_.get());
  return append(planes.data(), got, ready);
}

/// Takes samples that belong at `at_`: those outside the span or over what is there already are left out.
Result<void> SoundConverter::append(std::uint8_t** samples, int count, std::vector<AvPacketPtr>& ready) {
  const std::int64_t begin = at_;
  at_ += count;
  const std::int64_t first = std::max({begin, from_, started_ ? end() : begin});
  const std::int64_t last = std::min(at_, to_);
  if (first >= last) return {};
  TRY(bridge(first, ready));
  const int channels = encoder_->ch_layout.nb_channels;
  const bool planar = av_sample_fmt_is_planar(encoder_->sample_fmt) != 0;
  const std::int64_t step =
      std::int64_t{av_get_bytes_per_sample(encoder_->sample_fmt)} * (planar ? 1 : channels);
  std::array<void*, AV_NUM_DATA_POINTERS> from{};
  for (int plane = 0; plane < (planar ? channels : 1); ++plane) {
    from.at(static_cast<std::size_t>(plane)) = samples[plane] + (first - begin) * step;
  }
  const int kept = static_cast<int>(last - first);
  if (av_audio_fifo_write(fifo_.get(), from.data(), kept) < kept) return std::unexpected(no_sound_memory());
  return encode(false, ready);
}

/// Sound goes on at `start`: the coded frame under way is filled with silence as far as need be, and the next
/// one begins where the sound does.
Result<void> SoundConverter::bridge(std::int64_t start, std::vector<AvPacketPtr>& ready) {
  if (started_ && av_audio_fifo_size(fifo_.get()) > 0 && start > end()) {
    const std::int64_t room = encoder_->frame_size - av_audio_fifo_size(fifo_.get());
    const int silence = static_cast<int>(std::min(room, start - end()));
    std::array<std::uint8_t*, AV_NUM_DATA_POINTERS> planes{};
    const int channels = encoder_->ch_layout.nb_channels;
    if (av_samples_alloc(planes.data(), nullptr, channels, silence, encoder_->sample_fmt, 0) < 0) {
      return std::unexpected(no_sound_memory());
    }
    const std::unique_ptr<std::uint8_t, decltype(&av_free)> owner(planes[0], &av_free);
    av_samples_set_silence(planes.data(), 0, silence, channels, encoder_->sample_fmt);
    std::array<void*, AV_NUM_DATA_POINTERS> from{};
    std::ranges::copy(planes, from.begin());
    if (av_audio_fifo_write(fifo_.get(), from.data(), silence) < silence) {
      return std::unexpected(no_sound_memory());
    }
    TRY(encode(false, ready));
  }
  if (!started_ || start > end()) start_ = start;
  started_ = true;
  return {};
}

/// Codes the whole frames that the fifo holds; at the end also what is left.
Result<void> SoundConverter::encode(bool last, std::vector<AvPacketPtr>& ready) {
  while (true) {
    const int held = av_audio_fifo_size(fifo_.get());
    const int count = std::min(held, encoder_->frame_size);
    if (count == 0 || (count < encoder_->frame_size && !last)) return {};
    AvFramePtr frame(av_frame_alloc());
    if (frame == nullptr) return std::unexpected(no_sound_memory());
    frame->nb_samples = count;
    frame->format = encoder_->sample_fmt;
    frame->sample_rate = encoder_->sample_rate;
    frame->ch_layout = encoder_->ch_layout;
    frame->pts = start_;
    if (av_frame_get_buffer(frame.get(), 0) < 0) return std::unexpected(no_sound_memory());
    std::array<void*, AV_NUM_DATA_POINTERS> into{};
    std::ranges::copy(frame->data, into.begin());
    if (av_audio_fifo_read(fifo_.get(), into.data(), count) < count) {
      return fail(ErrorKind::internal, "sound was lost on its way to the encoder");
    }
    start_ += count;
    TRY(send(frame.get(), ready));
  }
}

Result<void> SoundConverter::send(const AVFrame* frame, std::vector<AvPacketPtr>& ready) {
  int code = avcodec_send_frame(encoder_.get(), frame);
  while (code >= 0) {
    AvPacketPtr packet(av_packet_alloc());
    if (packet == nullptr) return std::unexpected(no_sound_memory());
    code = avcodec_receive_packet(encoder_.get(), packet.get());
    if (code >= 0) ready.push_back(std::move(packet));
  }
  if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return {};
  return fail(ErrorKind::internal,
              fmt::format("sound cannot be encoded as {}: {}", codec(), av_error_text(code)));
}

}  // namespace

Result<std::unique_ptr<TrackConverter>> make_sound_converter(const AVStream& input, std::string_view encoder,
                                                             const ConvertedSpan& span) {
  const AVCodec* codec = avcodec_find_encoder_by_name(std::string(encoder).c_str());
  if (codec == nullptr) {
    return std::unexpected(no_conversion(fmt::format("libav was built without {}", encoder)));
  }
  auto converter = std::make_unique<SoundConverter>();
  TRY(converter->open(input, *codec, span));
  return converter;
}

}  // namespace sightline::media
