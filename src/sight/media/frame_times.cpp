#include "sight/media/frame_times.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "sight/media/clip_input.h"

namespace sightline::media {

Result<bool> scan_frame_times(const std::filesystem::path& clip, int track,
                              const std::function<bool(double seconds)>& see) {
  const ClipInput input = TRY(open_clip(clip));
  std::vector<AVStream*> videos = video_streams(*input.context);
  if (track < 0 || static_cast<std::size_t>(track) > videos.size() || videos.empty()) {
    return fail(ErrorKind::unsupported,
                fmt::format("{} has no video track {}", clip.string(), std::max(track, 1)));
  }
  if (track > 0) videos = {videos[static_cast<std::size_t>(track - 1)]};
  const auto is_wanted = [&](const AVStream* stream) {
    return std::ranges::find(videos, stream) != videos.end();
  };
  for (unsigned i = 0; i < input.context->nb_streams; ++i) {
    AVStream* stream = input.context->streams[i];
    stream->discard = is_wanted(stream) ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
  }
  const AvPacketPtr packet(av_packet_alloc());
  if (packet == nullptr) return fail(ErrorKind::internal, "not enough memory to read a clip");
  while (av_read_frame(input.context.get(), packet.get()) >= 0) {
    const AVStream* stream = input.context->streams[packet->stream_index];
    const bool counts = is_wanted(stream) && (packet->flags & AV_PKT_FLAG_DISCARD) == 0;
    const std::int64_t pts = packet->pts;
    av_packet_unref(packet.get());
    if (!counts) continue;
    if (pts == AV_NOPTS_VALUE) return false;
    if (!see(static_cast<double>(pts) * av_q2d(stream->time_base))) return true;
  }
  return true;
}

}  // namespace sightline::media
