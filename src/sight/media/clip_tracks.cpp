#include "sight/media/clip_tracks.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "sight/media/clip_container.h"
#include "sight/media/clip_input.h"
#include "sight/media/clip_metadata.h"
#include "sight/media/clip_orientation.h"

extern "C" {
#include <libavutil/mem.h>
}

namespace sightline::media {
namespace {

Error no_memory() {
  return {ErrorKind::internal, "not enough memory for the tracks of a clip"};
}

Result<void> set_configuration(AVCodecParameters& par, std::span<const std::uint8_t> bytes) {
  av_freep(static_cast<void*>(&par.extradata));  // wants the address of the pointer
  par.extradata_size = 0;
  if (bytes.empty()) return {};
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max() / 2)) {
    return fail(ErrorKind::corrupt, "the configuration of a track is too large");
  }
  par.extradata = static_cast<std::uint8_t*>(av_mallocz(bytes.size() + AV_INPUT_BUFFER_PADDING_SIZE));
  if (par.extradata == nullptr) return std::unexpected(no_memory());
  std::ranges::copy(bytes, par.extradata);
  par.extradata_size = static_cast<int>(bytes.size());
  return {};
}

AVRational reduced(const Rational& value) {
  AVRational result{0, 1};
  if (value.den > 0) {
    av_reduce(&result.num, &result.den, value.num, value.den, std::numeric_limits<int>::max());
  }
  return result;
}

bool is_mp4(const OutputContainer& container) {
  return container.muxer == "mp4" || container.muxer == "mov";
}

Result<void> describe_video(AVStream& stream, const AVStream& input, const EncodedVideo& video,
                            const OutputContainer& container, MetadataPolicy policy) {
  const AVCodecDescriptor* descriptor = avcodec_descriptor_get_by_name(video.choice.codec.c_str());
  if (descriptor == nullptr) {
    return fail(ErrorKind::internal, fmt::format("codec '{}' is not known", video.choice.codec));
  }
  AVCodecParameters& par = *stream.codecpar;
  const AVCodecParameters& source = *input.codecpar;
  par.codec_type = AVMEDIA_TYPE_VIDEO;
  par.codec_id = descriptor->id;
  // Without this tag Apple's players do not take HEVC; it promises parameter sets outside the stream.
  if (is_mp4(container) && par.codec_id == AV_CODEC_ID_HEVC) par.codec_tag = MKTAG('h', 'v', 'c', '1');
  par.width = video.info.stored_size.width;
  par.height = video.info.stored_size.height;
  par.format = source.format;
  if (source.format == AV_PIX_FMT_YUVJ420P || source.format == AV_PIX_FMT_YUVJ422P) {
    par.format = source.format == AV_PIX_FMT_YUVJ420P ? AV_PIX_FMT_YUV420P : AV_PIX_FMT_YUV422P;
  }
  const ColourTags& colour = video.info.colour;
  par.color_range = static_cast<AVColorRange>(colour.range);
  par.color_primaries = static_cast<AVColorPrimaries>(colour.primaries);
  par.color_trc = static_cast<AVColorTransferCharacteristic>(colour.transfer);
  par.color_space = static_cast<AVColorSpace>(colour.matrix);
  par.chroma_location = static_cast<AVChromaLocation>(colour.chroma_location);
  par.field_order = AV_FIELD_PROGRESSIVE;
  par.sample_aspect_ratio = reduced(video.info.sample_aspect);
  TRY(set_configuration(par, video.extradata));
  stream.sample_aspect_ratio = par.sample_aspect_ratio;
  stream.time_base = reduced(video.info.time_base);
  stream.avg_frame_rate = reduced(video.info.frame_rate);
  copy_track_metadata(input, stream, policy);
  return is_mp4(container) ? set_display_matrix(stream, video.info) : Result<void>();
}

bool is_cover(const AVStream& stream) {
  return (stream.disposition & (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS)) != 0;
}

/// The tracks that only --metadata keep lets through.
bool may_identify(const AVStream& stream) {
  const AVMediaType type = stream.codecpar->codec_type;
  return is_cover(stream) || type == AVMEDIA_TYPE_DATA || type == AVMEDIA_TYPE_ATTACHMENT ||
         type == AVMEDIA_TYPE_UNKNOWN;
}

enum class Fate { copy, convert, drop_silently, drop_with_note };

Fate fate_of(const AVStream& stream, const OutputContainer& container, const MuxSettings& settings) {
  const AVMediaType type = stream.codecpar->codec_type;
  if (may_identify(stream)) {
    if (settings.metadata == MetadataPolicy::safe) return Fate::drop_silently;
    const bool matroska = container.muxer == "matroska";
    if (type == AVMEDIA_TYPE_ATTACHMENT) return matroska ? Fate::copy : Fate::drop_with_note;
    if (is_cover(stream) && matroska) return Fate::copy;
    // The text track that holds the titles of an mp4's chapters: it is written anew with them.
    if (stream.codecpar->codec_tag == MKTAG('t', 'e', 'x', 't')) return Fate::drop_silently;
    return container_takes_copy(container.muxer, stream) ? Fate::copy : Fate::drop_with_note;
  }
  if (type == AVMEDIA_TYPE_AUDIO && !settings.audio) return Fate::drop_silently;
  if (type != AVMEDIA_TYPE_AUDIO && type != AVMEDIA_TYPE_SUBTITLE) return Fate::drop_silently;
  return container_takes_copy(container.muxer, stream) ? Fate::copy : Fate::convert;
}

/// A Matroska cover is an attached file, which libav's muxer does not make of a picture track by itself.
Result<void> make_attachment(AVStream& output, const AVStream& input) {
  AVCodecParameters& par = *output.codecpar;
  par.codec_type = AVMEDIA_TYPE_ATTACHMENT;
  const bool png = par.codec_id == AV_CODEC_ID_PNG;
  av_dict_set(&output.metadata, "filename", png ? "cover.png" : "cover.jpg", 0);
  av_dict_set(&output.metadata, "mimetype", png ? "image/png" : "image/jpeg", 0);
  const AVPacket& picture = input.attached_pic;
  return set_configuration(par, {picture.data, static_cast<std::size_t>(std::max(0, picture.size))});
}

Result<AVStream*> describe_copy(AVFormatContext& output, const AVStream& input,
                                const OutputContainer& container, const MuxSettings& settings) {
  AVStream* stream = avformat_new_stream(&output, nullptr);
  if (stream == nullptr || avcodec_parameters_copy(stream->codecpar, input.codecpar) < 0) {
    return std::unexpected(no_memory());
  }
  AVCodecParameters& par = *stream->codecpar;
  par.codec_tag = tag_in(*output.oformat, par);
  constexpr int kPreSkip = 10;  // RFC 7845, section 5.1
  if (par.codec_id == AV_CODEC_ID_OPUS && par.initial_padding == 0 && par.extradata_size >= kPreSkip + 2) {
    par.initial_padding = par.extradata[kPreSkip] + 256 * par.extradata[kPreSkip + 1];
  }
  stream->time_base = input.time_base;
  stream->avg_frame_rate = input.avg_frame_rate;
  stream->start_time = AV_NOPTS_VALUE;
  copy_track_metadata(input, *stream, settings.metadata);
  if (settings.metadata == MetadataPolicy::safe) {
    const Bytes safe = safe_codec_configuration(
        par.codec_id, {par.extradata, static_cast<std::size_t>(std::max(0, par.extradata_size))});
    TRY(set_configuration(par, safe));
  }
  if (is_cover(input)) {
    stream->disposition |= AV_DISPOSITION_ATTACHED_PIC;
    if (container.muxer == "matroska") TRY(make_attachment(*stream, input));
  }
  return stream;
}

/// The stream of a track in another codec: times, language and roles are the input's.
Result<CopiedTrack> describe_converted(AVFormatContext& output, AVStream& input,
                                       std::unique_ptr<TrackConverter> converter,
                                       const MuxSettings& settings) {
  AVStream* stream = avformat_new_stream(&output, nullptr);
  if (stream == nullptr) return std::unexpected(no_memory());
  TRY(converter->describe(*stream));
  copy_track_metadata(input, *stream, settings.metadata);
  const AVRational clock = stream->time_base;
  return CopiedTrack{&input, stream, std::move(converter), clock};
}

/// Adds the tracks that are no video one by one.
class OtherTracks {
 public:
  OtherTracks(AVFormatContext& output, const OutputContainer& container, const MuxSettings& settings,
              const ConvertedSpan& span, std::vector<std::string>& notes)
      : output_(output), container_(container), settings_(settings), span_(span), notes_(notes) {}

  /// Nothing where the track is left out, or is copied as a whole with the header.
  Result<std::optional<CopiedTrack>> add(AVStream& stream) {
    const Fate fate = fate_of(stream, container_, settings_);
    if (fate == Fate::drop_with_note) leave_out(stream, "");
    if (fate == Fate::convert) return convert(stream);
    if (fate != Fate::copy) return std::nullopt;
    if (is_cover(stream)) {
      notes_.push_back(
          fmt::format("{} is a cover picture and copied as it is: it may show faces", track_name(stream)));
    }
    AVStream* copy = TRY(describe_copy(output_, stream, container_, settings_));
    if (copy->codecpar->codec_type == AVMEDIA_TYPE_ATTACHMENT) return std::nullopt;
    return CopiedTrack{&stream, copy, nullptr, stream.time_base};
  }

 private:
  void leave_out(const AVStream& stream, const std::string& why) {
    notes_.push_back(fmt::format("{} is left out: {} files cannot hold it{}{}", track_name(stream),
                                 container_name(container_.muxer), why.empty() ? "" : ", and ", why));
  }

  Result<std::optional<CopiedTrack>> convert(AVStream& stream) {
    auto converter = make_converter(stream, container_.muxer, settings_, span_);
    if (!converter && converter.error().kind == ErrorKind::unavailable) {
      leave_out(stream, converter.error().message);
      return std::nullopt;
    }
    if (!converter) return std::unexpected(std::move(converter).error());
    notes_.push_back(fmt::format("{} is converted to {}: {} files cannot hold it as it is",
                                 track_name(stream), (*converter)->codec(),
                                 container_name(container_.muxer)));
    return TRY(describe_converted(output_, stream, std::move(*converter), settings_));
  }

  AVFormatContext& output_;
  const OutputContainer& container_;
  const MuxSettings& settings_;
  const ConvertedSpan& span_;
  std::vector<std::string>& notes_;
};

/// Opus' start-up where readers of the output's container take it off the times.
int start_up_of(const CopiedTrack& track, const OutputContainer& container) {
  const bool matroska = container.muxer == "matroska" || container.muxer == "webm";
  const AVCodecParameters& par = *track.output->codecpar;
  return matroska && par.codec_id == AV_CODEC_ID_OPUS ? par.initial_padding : 0;
}

}  // namespace

std::string track_name(const AVStream& stream) {
  const char* type = av_get_media_type_string(stream.codecpar->codec_type);
  return fmt::format("{} track {} ({})", type == nullptr ? "unknown" : type, stream.index,
                     avcodec_get_name(stream.codecpar->codec_id));
}

Result<ClipTracks> add_tracks(AVFormatContext& input, AVFormatContext& output,
                              std::span<const EncodedVideo> videos, const OutputContainer& container,
                              const MuxSettings& settings, std::vector<std::string>& notes) {
  ClipTracks tracks;
  const ConvertedSpan span{settings.from, settings.to, libav_time_base(videos.front().info)};
  OtherTracks others(output, container, settings, span, notes);
  int number = 0;  // of the video track
  const std::vector<AVStream*> video_tracks = video_streams(input);
  for (unsigned i = 0; i < input.nb_streams; ++i) {
    AVStream& stream = *input.streams[i];
    stream.discard = AVDISCARD_ALL;
    if (std::ranges::find(video_tracks, &stream) != video_tracks.end()) {
      ++number;
      const auto video =
          std::ranges::find_if(videos, [&](const EncodedVideo& one) { return one.info.track == number; });
      if (video == videos.end()) continue;
      AVStream* made = avformat_new_stream(&output, nullptr);
      if (made == nullptr) return std::unexpected(no_memory());
      TRY(describe_video(*made, stream, *video, container, settings.metadata));
      tracks.videos.emplace_back(*video, *made);
      continue;
    }
    std::optional<CopiedTrack> track = TRY(others.add(stream));
    if (!track) continue;
    stream.discard = AVDISCARD_DEFAULT;
    track->start_up = start_up_of(*track, container);
    tracks.copied.push_back(std::move(*track));
  }
  return tracks;
}

}  // namespace sightline::media
