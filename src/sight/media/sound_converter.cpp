#include "sight/media/sound_converter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

#include "sight/media/sound_encoder.h"

extern "C" {
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
using SwrPtr = std::unique_ptr<SwrContext, SwrDeleter>;

Error no_sound_memory() {
  return {ErrorKind::internal, "not enough memory to convert sound"};
}

Error no_conversion(std::string why) {
  return {ErrorKind::unavailable, std::move(why)};
}

class SoundConverter final : public TrackConverter {
 public:
  Result<void> open(const AVStream& input, std::string_view encoder, const ConvertedSpan& span);
  [[nodiscard]] std::string codec() const override { return avcodec_get_name(encoder_->format().codec_id); }
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
  Result<void> take_frames(std::vector<AvPacketPtr>& ready);
  Result<void> take(const AVFrame& frame, std::vector<AvPacketPtr>& ready);
  Result<void> place(const AVFrame& frame, std::vector<AvPacketPtr>& ready);
  Result<void> set_source(const Source& source, std::vector<AvPacketPtr>& ready);
  Result<void> resample(const std::uint8_t** samples, int count, std::vector<AvPacketPtr>& ready);

  AvCodecPtr decoder_;
  std::optional<SoundEncoder> encoder_;
  AvFramePtr frame_;
  SwrPtr resampler_;
  Source source_;
  AVRational clock_{1, 1};  // the input's time base
  std::int64_t at_ = 0;     // where the next resampled sample belongs, in the encoder's ticks
  std::int64_t expected_ =
      0;                     // where the next decoded one does if nothing is missing, in the input's samples
  std::int64_t joined_ = 0;  // added to all times after a step back, likewise
  bool placed_ = false;      // at_ and expected_ hold
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

Result<void> SoundConverter::open(const AVStream& input, std::string_view encoder,
                                  const ConvertedSpan& span) {
  TRY(open_decoder(input));
  encoder_.emplace(
      TRY(SoundEncoder::create(encoder, decoder_->sample_rate, decoder_->ch_layout.nb_channels, span)));
  return {};
}

Result<void> SoundConverter::describe(AVStream& output) const {
  if (avcodec_parameters_from_context(output.codecpar, &encoder_->format()) < 0) {
    return std::unexpected(no_sound_memory());
  }
  output.codecpar->codec_tag = 0;
  output.time_base = encoder_->format().time_base;
  return {};
}

Result<std::vector<AvPacketPtr>> SoundConverter::convert(const AVPacket* packet) {
  std::vector<AvPacketPtr> ready;
  if (avcodec_send_packet(decoder_.get(), packet) < 0 && packet != nullptr) ++damaged_;
  TRY(take_frames(ready));
  if (packet != nullptr) return ready;
  if (resampler_ != nullptr) TRY(resample(nullptr, 0, ready));
  TRY(encoder_->finish(ready));
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
  const AVCodecContext& wanted = encoder_->format();
  AVChannelLayout layout = wanted.ch_layout;  // a usual one owns nothing
  const int code =
      swr_alloc_set_opts2(&context, &layout, wanted.sample_fmt, wanted.sample_rate, &source_.layout,
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
  // Times that jump back and forth add up; no sound is that long.
  if (std::abs(expected_) > 2 * kFarthest || std::abs(joined_) > 2 * kFarthest) {
    return fail(ErrorKind::corrupt, "the times of the sound make no sense");
  }
  std::int64_t strayed = said + joined_ - expected_;
  if (placed_ && std::abs(strayed) * 1000 <= kStrayMilliseconds * frame.sample_rate) return {};
  if (placed_) TRY(resample(nullptr, 0, ready));
  if (placed_ && strayed < -kOverlapSeconds * frame.sample_rate) {
    joined_ -= strayed;
    strayed = 0;
  }
  expected_ = placed_ ? expected_ + strayed : said;
  at_ = av_rescale(expected_, encoder_->format().sample_rate, frame.sample_rate);
  placed_ = true;
  return {};
}

/// Null samples: what the resampler still holds comes out, and it is ready for a new beginning.
Result<void> SoundConverter::resample(const std::uint8_t** samples, int count,
                                      std::vector<AvPacketPtr>& ready) {
  const int most = swr_get_out_samples(resampler_.get(), count);
  if (most < 0) return std::unexpected(no_sound_memory());
  SoundSamples buffer;
  TRY(buffer.allocate(encoder_->format(), most));
  const int got = swr_convert(resampler_.get(), buffer.planes(), most, samples, count);
  if (got < 0) {
    return fail(ErrorKind::internal, fmt::format("sound cannot be resampled: {}", av_error_text(got)));
  }
  if (samples == nullptr) swr_init(resampler_.get());
  const std::int64_t at = std::exchange(at_, at_ + got);
  return encoder_->add(buffer.planes(), got, at, ready);
}

}  // namespace

Result<std::unique_ptr<TrackConverter>> make_sound_converter(const AVStream& input, std::string_view encoder,
                                                             const ConvertedSpan& span) {
  auto converter = std::make_unique<SoundConverter>();
  TRY(converter->open(input, encoder, span));
  return converter;
}

}  // namespace sightline::media
