#include "sight/media/clip_copy.h"

#include <fmt/format.h>

#include <algorithm>

#include "sight/media/clip_metadata.h"

namespace sightline::media {
namespace {

/// The longest start-up of a usual codec (AAC: 2112 samples, 48 ms at 44.1 kHz) and some room: too short to
/// make out a word.
constexpr std::int64_t kPrimingMicroseconds = 60'000;

}  // namespace

PacketCopier::PacketCopier(AVFormatContext& input, const ClipTracks& tracks, const MuxSettings& settings)
    : input_(input),
      span_time_base_(libav_time_base(tracks.videos.front().video().info)),
      settings_(settings) {
  for (const CopiedTrack& track : tracks.copied) {
    const std::int64_t shift = av_rescale_q(track.start_up, {1, 48'000}, track.output->time_base);
    tracks_.push_back({.input = track.input,
                       .output = track.output,
                       .converter = track.converter.get(),
                       .clock = track.clock,
                       .held = {},
                       .shift = shift});
  }
}

bool PacketCopier::within_span(const AVPacket& packet, const AVStream& stream) const {
  const std::int64_t pts = packet.pts != AV_NOPTS_VALUE ? packet.pts : packet.dts;
  if (settings_.from && av_compare_ts(pts, stream.time_base, *settings_.from, span_time_base_) < 0)
    return false;
  return !settings_.to || av_compare_ts(pts, stream.time_base, *settings_.to, span_time_base_) < 0;
}

void PacketCopier::release(Track& track, AvPacketPtr packet) {
  av_packet_rescale_ts(packet.get(), track.clock, track.output->time_base);
  if (packet->pts == AV_NOPTS_VALUE || packet->dts == AV_NOPTS_VALUE) return;  // beyond 64 bits there
  packet->pts += track.shift;
  packet->dts += track.shift;
  packet->stream_index = track.output->index;
  packet->pos = -1;
  packet->flags &= ~AV_PKT_FLAG_DISCARD;
  if (settings_.metadata == MetadataPolicy::safe) keep_safe_side_data(*packet);
  // Damaged inputs step back in time, which no muxer takes: such packets follow their predecessor.
  if (track.last_dts != AV_NOPTS_VALUE && packet->dts <= track.last_dts) {
    packet->dts = track.last_dts + (track.output->codecpar->codec_type == AVMEDIA_TYPE_SUBTITLE ? 0 : 1);
    packet->pts = std::max(packet->pts, packet->dts);
  }
  track.last_dts = packet->dts;
  ready_.push_back({std::move(packet), track.output->time_base});
}

void PacketCopier::take(Track& track, AvPacketPtr packet) {
  if (packet->dts == AV_NOPTS_VALUE) packet->dts = packet->pts;
  if (packet->pts == AV_NOPTS_VALUE) packet->pts = packet->dts;
  const bool cover = (track.input->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
  if (cover) packet->pts = packet->dts = 0;
  if (packet->dts == AV_NOPTS_VALUE || (!cover && !within_span(*packet, *track.input))) return;
  const bool hidden = (packet->flags & AV_PKT_FLAG_DISCARD) != 0;
  if (hidden && track.started) return;
  if (hidden) {
    track.held.push_back(std::move(packet));
    const AVRational microseconds{1, 1'000'000};
    const auto length = [&] {
      const AVPacket& last = *track.held.back();
      return av_rescale_q(last.pts + last.duration - track.held.front()->pts, track.input->time_base,
                          microseconds);
    };
    while (!track.held.empty() && length() > kPrimingMicroseconds) track.held.erase(track.held.begin());
    return;
  }
  track.started = true;
  for (AvPacketPtr& earlier : track.held) release(track, std::move(earlier));
  track.held.clear();
  release(track, std::move(packet));
}

/// Sound is converted from its beginning, hidden packets included, which the decoder needs and leaves out
/// itself: the converter knows the span to the sample. A null packet is the end.
Result<void> PacketCopier::convert(Track& track, const AVPacket* packet) {
  const bool text = track.input->codecpar->codec_type == AVMEDIA_TYPE_SUBTITLE;
  if (packet != nullptr && text && !within_span(*packet, *track.input)) return {};
  for (AvPacketPtr& made : TRY(track.converter->convert(packet))) release(track, std::move(made));
  return {};
}

Result<void> PacketCopier::finish() {
  ended_ = true;
  for (Track& track : tracks_) {
    if (track.converter == nullptr) continue;
    TRY(convert(track, nullptr));
    if (track.converter->damaged() == 0) continue;
    damage_ += fmt::format("{}{}: {} damaged packets were left out", damage_.empty() ? "" : "; ",
                           track_name(*track.input), track.converter->damaged());
  }
  return {};
}

Result<std::optional<CopiedPacket>> PacketCopier::next() {
  while (ready_.empty() && !ended_ && !tracks_.empty()) {
    AvPacketPtr packet(av_packet_alloc());
    if (packet == nullptr) return fail(ErrorKind::internal, "not enough memory to copy sound");
    const int code = av_read_frame(&input_, packet.get());
    if (code < 0) {
      if (code != AVERROR_EOF)
        damage_ = fmt::format("sound and subtitles end early: {}", av_error_text(code));
      TRY(finish());
      break;
    }
    const auto track = std::ranges::find_if(
        tracks_, [&](const Track& one) { return one.input->index == packet->stream_index; });
    if (track == tracks_.end()) continue;
    if (track->converter != nullptr) {
      TRY(convert(*track, packet.get()));
    } else {
      take(*track, std::move(packet));
    }
  }
  if (ready_.empty()) return std::nullopt;
  CopiedPacket front = std::move(ready_.front());
  ready_.pop_front();
  return front;
}

}  // namespace sightline::media
