#include "sight/media/encoded_track.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "sight/media/clip_container.h"

namespace sightline::media {

Result<void> EncodedTrack::turn_in_stream(std::string_view muxer) {
  if (video_->info.orientation == Orientation{}) return {};
  if (video_->choice.codec != "h264") {
    return fail(ErrorKind::unsupported,
                fmt::format("{} files with {} cannot say that the picture is to be turned; write an mp4 file",
                            container_name(muxer), video_->choice.codec));
  }
  orientation_ = TRY(StreamOrientation::create(*output_, video_->info.orientation));
  return {};
}

std::int64_t EncodedTrack::decoding_time(std::int64_t position) const {
  const auto& pts = video_->pts;
  const std::int64_t at = position - video_->reorder_depth;
  if (at >= 0) return pts[static_cast<std::size_t>(std::min(at, std::ssize(pts) - 1))];
  const std::int64_t step = pts.size() > 1 ? pts[1] - pts[0] : 1;
  return pts[0] + at * step;
}

std::int64_t EncodedTrack::duration_of(std::int64_t pts) const {
  const auto next = std::ranges::upper_bound(video_->pts, pts);
  if (next != video_->pts.end()) return *next - pts;
  return video_->pts.size() > 1 ? pts - *std::prev(next, 2) : 0;
}

Result<AvPacketPtr> EncodedTrack::next(std::string_view muxer) {
  std::optional<EncodedPacket> encoded = TRY(video_->packets());
  if (!encoded) return AvPacketPtr();
  if (packets_ >= std::ssize(video_->pts) || !std::ranges::binary_search(video_->pts, encoded->pts)) {
    return fail(ErrorKind::internal, fmt::format("a coded picture at {} belongs to no frame", encoded->pts));
  }
  // A transport stream has no place for the configuration but the stream itself; for the other codecs
  // libav's muxer puts it there.
  const bool in_band = muxer == "mpegts" && video_->choice.codec == "mpeg4" && encoded->keyframe;
  if (in_band) {
    encoded->data.insert(encoded->data.begin(), video_->extradata.begin(), video_->extradata.end());
  }
  AvPacketPtr packet(av_packet_alloc());
  const std::size_t size = encoded->data.size();
  if (packet == nullptr || size > static_cast<std::size_t>(std::numeric_limits<int>::max() / 2) ||
      av_new_packet(packet.get(), static_cast<int>(size)) < 0) {
    return fail(ErrorKind::internal, "not enough memory for a coded picture");
  }
  std::ranges::copy(encoded->data, packet->data);
  packet->pts = encoded->pts;
  packet->dts = decoding_time(packets_++);
  if (packet->dts > packet->pts) {
    return fail(ErrorKind::internal, fmt::format("the reorder depth {} is too small", video_->reorder_depth));
  }
  packet->duration = duration_of(encoded->pts);
  if (encoded->keyframe) packet->flags |= AV_PKT_FLAG_KEY;
  av_packet_rescale_ts(packet.get(), libav_time_base(video_->info), output_->time_base);
  if (orientation_) TRY(orientation_->apply(*packet));
  packet->stream_index = output_->index;
  return packet;
}

Result<void> EncodedTrack::check_whole() const {
  if (packets_ == std::ssize(video_->pts)) return {};
  return fail(ErrorKind::internal,
              fmt::format("{} coded pictures came for {} frames", packets_, video_->pts.size()));
}

}  // namespace sightline::media
