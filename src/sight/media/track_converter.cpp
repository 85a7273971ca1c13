#include "sight/media/track_converter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "sight/media/clip_metadata.h"
#include "sight/media/sound_converter.h"

extern "C" {
#include <libavutil/mem.h>
}

namespace sightline::media {
namespace {

Error not_converted(std::string why) {
  return {ErrorKind::unavailable, std::move(why)};
}

bool is_text(AVCodecID codec) {
  const AVCodecDescriptor* descriptor = avcodec_descriptor_get(codec);
  return descriptor != nullptr && (descriptor->props & AV_CODEC_PROP_TEXT_SUB) != 0;
}

/// Frees what a decoded subtitle holds.
class DecodedSubtitle {
 public:
  DecodedSubtitle() = default;
  DecodedSubtitle(const DecodedSubtitle&) = delete;
  DecodedSubtitle& operator=(const DecodedSubtitle&) = delete;
  ~DecodedSubtitle() { avsubtitle_free(&subtitle_); }
  AVSubtitle* get() { return &subtitle_; }
  AVSubtitle* operator->() { return &subtitle_; }

 private:
  AVSubtitle subtitle_{};
};

/// Text from one notation to another, by way of libav's common one (ASS dialogue lines).
class TextConverter final : public TrackConverter {
 public:
  Result<void> open(const AVStream& input, AVCodecID wanted, MetadataPolicy policy);
  [[nodiscard]] std::string codec() const override { return avcodec_get_name(encoder_->codec_id); }
  [[nodiscard]] Result<void> describe(AVStream& output) const override;
  [[nodiscard]] Result<std::vector<AvPacketPtr>> convert(const AVPacket* packet) override;
  [[nodiscard]] std::int64_t damaged() const override { return damaged_; }

 private:
  AvCodecPtr decoder_;
  AvCodecPtr encoder_;
  std::int64_t damaged_ = 0;
  Bytes coded_;  ///< room for the text of one packet
};

Result<void> TextConverter::open(const AVStream& input, AVCodecID wanted, MetadataPolicy policy) {
  const AVCodecParameters& par = *input.codecpar;
  const AVCodec* decoder = avcodec_find_decoder(par.codec_id);
  const AVCodec* encoder = avcodec_find_encoder(wanted);
  if (decoder == nullptr) return std::unexpected(not_converted("there is no decoder for it"));
  if (encoder == nullptr) return std::unexpected(not_converted("libav was built without the encoder"));
  decoder_.reset(avcodec_alloc_context3(decoder));
  encoder_.reset(avcodec_alloc_context3(encoder));
  if (decoder_ == nullptr || encoder_ == nullptr || avcodec_parameters_to_context(decoder_.get(), &par) < 0) {
    return fail(ErrorKind::internal, "not enough memory to convert subtitles");
  }
  if (policy == MetadataPolicy::safe && decoder_->extradata != nullptr) {
    const Bytes safe = safe_codec_configuration(
        par.codec_id, {par.extradata, static_cast<std::size_t>(std::max(0, par.extradata_size))});
    std::ranges::copy(safe, decoder_->extradata);  // never longer than it was
    std::memset(decoder_->extradata + safe.size(), 0,
                static_cast<std::size_t>(decoder_->extradata_size) - safe.size());
    decoder_->extradata_size = static_cast<int>(safe.size());
  }
  decoder_->pkt_timebase = input.time_base;
  int code = avcodec_open2(decoder_.get(), decoder, nullptr);
  if (code >= 0) {
    encoder_->time_base = {1, 1000};
    encoder_->flags |= AV_CODEC_FLAG_BITEXACT;
    const int size = decoder_->subtitle_header_size;
    if (size > 0) {
      encoder_->subtitle_header = static_cast<std::uint8_t*>(av_mallocz(static_cast<std::size_t>(size) + 1));
      if (encoder_->subtitle_header == nullptr) {
        return fail(ErrorKind::internal, "not enough memory to convert subtitles");
      }
      std::memcpy(encoder_->subtitle_header, decoder_->subtitle_header, static_cast<std::size_t>(size));
      encoder_->subtitle_header_size = size;
    }
    code = avcodec_open2(encoder_.get(), encoder, nullptr);
  }
  if (code < 0) {
    return std::unexpected(not_converted(fmt::format("it cannot be converted ({})", av_error_text(code))));
  }
  return {};
}

Result<void> TextConverter::describe(AVStream& output) const {
  if (avcodec_parameters_from_context(output.codecpar, encoder_.get()) < 0) {
    return fail(ErrorKind::internal, "not enough memory to convert subtitles");
  }
  output.codecpar->codec_tag = 0;
  output.time_base = encoder_->time_base;
  return {};
}

Result<std::vector<AvPacketPtr>> TextConverter::convert(const AVPacket* packet) {
  std::vector<AvPacketPtr> ready;
  if (packet == nullptr || packet->pts == AV_NOPTS_VALUE) return ready;
  DecodedSubtitle text;
  int got = 0;
  AvPacketPtr own(av_packet_clone(packet));  // the call wants one that it could change
  if (own == nullptr) return fail(ErrorKind::internal, "not enough memory to convert subtitles");
  if (avcodec_decode_subtitle2(decoder_.get(), text.get(), &got, own.get()) < 0) {
    ++damaged_;
    return ready;
  }
  if (got == 0 || text->num_rects == 0) return ready;
  const std::int64_t begins = text->start_display_time;  // milliseconds after pts
  const std::int64_t shown = std::int64_t{text->end_display_time} - begins;
  text->pts += begins * 1000;
  text->end_display_time -= text->start_display_time;
  text->start_display_time = 0;
  constexpr int kLongestText = 1 << 20;
  coded_.resize(kLongestText);
  const int size = avcodec_encode_subtitle(encoder_.get(), coded_.data(), kLongestText, text.get());
  if (size < 0) ++damaged_;
  if (size <= 0) return ready;
  AvPacketPtr out(av_packet_alloc());
  if (out == nullptr || av_new_packet(out.get(), size) < 0) {
    return fail(ErrorKind::internal, "not enough memory to convert subtitles");
  }
  std::copy_n(coded_.begin(), size, out->data);
  out->pts = out->dts = av_rescale_q(packet->pts, decoder_->pkt_timebase, encoder_->time_base) + begins;
  const bool lasts = shown > 0 && begins + shown < UINT32_MAX;
  out->duration = lasts ? shown : av_rescale_q(packet->duration, decoder_->pkt_timebase, encoder_->time_base);
  out->flags |= AV_PKT_FLAG_KEY;
  ready.push_back(std::move(out));
  return ready;
}

Result<std::unique_ptr<TrackConverter>> make_text_converter(const AVStream& input, std::string_view muxer,
                                                            MetadataPolicy policy) {
  if (!is_text(input.codecpar->codec_id)) {
    return std::unexpected(not_converted("pictures of text are not read"));
  }
  AVCodecID wanted = AV_CODEC_ID_NONE;
  if (muxer == "mp4" || muxer == "mov") wanted = AV_CODEC_ID_MOV_TEXT;
  if (muxer == "matroska") wanted = AV_CODEC_ID_SUBRIP;
  if (muxer == "webm") wanted = AV_CODEC_ID_WEBVTT;
  if (wanted == AV_CODEC_ID_NONE) return std::unexpected(not_converted("they hold no text"));
  auto converter = std::make_unique<TextConverter>();
  TRY(converter->open(input, wanted, policy));
  return converter;
}

}  // namespace

Result<std::unique_ptr<TrackConverter>> make_converter(const AVStream& input, std::string_view muxer,
                                                       const MuxSettings& settings,
                                                       const ConvertedSpan& span) {
  if (input.codecpar->codec_type == AVMEDIA_TYPE_SUBTITLE) {
    return make_text_converter(input, muxer, settings.metadata);
  }
  const bool opus = muxer == "matroska" || muxer == "webm";
  return make_sound_converter(input, opus ? "libopus" : "aac", span);
}

}  // namespace sightline::media
