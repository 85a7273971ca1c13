#include "sight/media/clip_muxer.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "sight/media/clip_container.h"
#include "sight/media/clip_copy.h"
#include "sight/media/clip_input.h"
#include "sight/media/clip_metadata.h"
#include "sight/media/clip_orientation.h"
#include "sight/media/clip_tracks.h"

namespace sightline::media {
namespace {

class ClipWriter {
 public:
  ClipWriter(const EncodedVideo& video, const OutputContainer& container, const MuxSettings& settings,
             const std::filesystem::path& path)
      : video_(video), container_(container), settings_(settings), path_(path) {}

  Result<void> open(const std::filesystem::path& input);
  Result<void> write_packets(const std::stop_token& stop);
  Result<void> finish();
  std::vector<std::string> take_notes() { return std::move(notes_); }

 private:
  Result<void> write_header();
  void set_mp4_options(AvOptions& options) const;
  void set_transport_options(AvOptions& options);
  Result<AvPacketPtr> next_video();
  Result<void> write(AvPacketPtr packet);
  [[nodiscard]] std::int64_t decoding_time(std::int64_t position) const;
  [[nodiscard]] std::int64_t duration_of(std::int64_t pts) const;
  [[nodiscard]] Error write_error(int code) const;

  const EncodedVideo& video_;
  const OutputContainer& container_;
  const MuxSettings& settings_;
  const std::filesystem::path& path_;
  ClipInput input_;
  ClipTracks tracks_;
  AvOutputPtr output_;
  AVRational video_time_base_{1, 1};
  std::optional<StreamOrientation> orientation_;  ///< where the container has no place for it
  std::int64_t video_packets_ = 0;
  std::vector<std::string> notes_;
};

Error ClipWriter::write_error(int code) const {
  // libav's errors of the operating system are negative errno values; its own are tags far below.
  // A muxer that refuses a stream says EINVAL or EPERM, which have nothing to do with the file.
  const bool refused = code == AVERROR(EINVAL) || code == AVERROR(EPERM);
  if (code < 0 && code > -4096 && !refused) return system_error("write", path_, AVUNERROR(code));
  return {ErrorKind::io,
          fmt::format("cannot write '{}' as an {} file: {}; try another output file type, such as .mkv",
                      path_.string(), container_name(container_.muxer), av_error_text(code))};
}

Result<void> ClipWriter::open(const std::filesystem::path& input) {
  if (video_.pts.empty()) return fail(ErrorKind::invalid_argument, "a clip without frames cannot be written");
  input_ = TRY(input.empty() ? drawn_clip() : open_clip(input));
  const AVStream* input_video = find_video_stream(*input_.context);
  if (input_video == nullptr) {
    return fail(ErrorKind::corrupt,
                fmt::format("{} holds no video any more; was it changed?", input.string()));
  }
  AVFormatContext* context = nullptr;
  const std::string url = "file:" + path_.string();
  const int code = avformat_alloc_output_context2(&context, nullptr, container_.muxer.c_str(), url.c_str());
  if (code < 0) {
    return fail(ErrorKind::unavailable,
                fmt::format("libav was built without the {} muxer", container_.muxer));
  }
  output_.reset(context);
  // Neither dates nor random numbers: the same input gives the same file.
  context->flags |= AVFMT_FLAG_BITEXACT;
  context->avoid_negative_ts = AVFMT_AVOID_NEG_TS_DISABLED;
  copy_clip_metadata(*input_.context, *context, settings_.metadata);
  tracks_ = TRY(add_tracks(*input_.context, *input_video, *context, video_, container_, settings_, notes_));
  TRY(copy_chapters(*input_.context, *context, settings_.metadata));
  video_time_base_ = tracks_.video->time_base;
  const bool mp4 = container_.muxer == "mp4" || container_.muxer == "mov";
  if (!mp4 && video_.info.orientation != Orientation{}) {
    if (video_.choice.codec != "h264") {
      return fail(
          ErrorKind::unsupported,
          fmt::format("{} files with {} cannot say that the picture is to be turned; write an mp4 file",
                      container_name(container_.muxer), video_.choice.codec));
    }
    orientation_ = TRY(StreamOrientation::create(*tracks_.video, video_.info.orientation));
  }
  return write_header();
}

void ClipWriter::set_mp4_options(AvOptions& options) const {
  options.set("movflags", "+faststart");
  // The very ticks of the input. A track that starts late is held back by a gap in the movie's own time
  // scale, milliseconds by default: it must be fine enough for every track's start.
  options.set("video_track_timescale", std::to_string(video_time_base_.den).c_str());
  std::int64_t scale = 1000;
  const auto refine = [&](std::int64_t start, AVRational time_base) {
    const bool exact = start <= 0 || (start * time_base.num * scale) % time_base.den == 0;
    if (exact && !settings_.from) return;  // a span may begin anywhere
    const std::int64_t finer = std::lcm(scale, std::int64_t{time_base.den});
    if (finer <= std::numeric_limits<int>::max()) scale = finer;
  };
  constexpr std::int64_t kLateStart = std::int64_t{1} << 32;  // keeps the product above in range
  refine(std::min(video_.pts.front(), kLateStart), video_time_base_);
  for (const CopiedTrack& track : tracks_.copied) {
    if (track.input->start_time != AV_NOPTS_VALUE) {
      refine(std::min(track.input->start_time, kLateStart), track.input->time_base);
    }
  }
  options.set("movie_timescale", std::to_string(scale).c_str());
}

void ClipWriter::set_transport_options(AvOptions& options) {
  const AVRational microseconds{1, 1'000'000};
  std::int64_t first = av_rescale_q(decoding_time(0), video_time_base_, microseconds);
  for (const CopiedTrack& track : tracks_.copied) {
    if (track.input->start_time == AV_NOPTS_VALUE) continue;
    first = std::min(first, av_rescale_q(track.input->start_time, track.input->time_base, microseconds));
  }
  if (first < 0) {
    output_->max_delay = 700'000;
    output_->avoid_negative_ts = AVFMT_AVOID_NEG_TS_MAKE_NON_NEGATIVE;
    notes_.emplace_back("all times are moved by some 1.4 s: a ts file cannot start at zero");
    return;
  }
  options.set("mpegts_copyts", "1");
  // How far the clock runs ahead of the pictures.
  output_->max_delay = static_cast<int>(std::min<std::int64_t>(700'000, first));
}

Result<void> ClipWriter::write_header() {
  AvOptions options;
  if (container_.muxer == "mp4" || container_.muxer == "mov") set_mp4_options(options);
  if (container_.muxer == "mpegts") set_transport_options(options);
  int code = avio_open2(&output_->pb, output_->url, AVIO_FLAG_WRITE, nullptr, nullptr);
  if (code < 0) return std::unexpected(write_error(code));
  code = avformat_write_header(output_.get(), options.get());
  if (code < 0) return std::unexpected(write_error(code));
  return {};
}

std::int64_t ClipWriter::decoding_time(std::int64_t position) const {
  const auto& pts = video_.pts;
  const std::int64_t at = position - video_.reorder_depth;
  if (at >= 0) return pts[static_cast<std::size_t>(std::min(at, std::ssize(pts) - 1))];
  const std::int64_t step = pts.size() > 1 ? pts[1] - pts[0] : 1;
  return pts[0] + at * step;
}

std::int64_t ClipWriter::duration_of(std::int64_t pts) const {
  const auto next = std::ranges::upper_bound(video_.pts, pts);
  if (next != video_.pts.end()) return *next - pts;
  return video_.pts.size() > 1 ? pts - *std::prev(next, 2) : 0;
}

Result<AvPacketPtr> ClipWriter::next_video() {
  std::optional<EncodedPacket> encoded = TRY(video_.packets());
  if (!encoded) return AvPacketPtr();
  if (video_packets_ >= std::ssize(video_.pts) || !std::ranges::binary_search(video_.pts, encoded->pts)) {
    return fail(ErrorKind::internal, fmt::format("a coded picture at {} belongs to no frame", encoded->pts));
  }
  // A transport stream has no place for the configuration but the stream itself; for the other codecs
  // libav's muxer puts it there.
  const bool in_band = container_.muxer == "mpegts" && video_.choice.codec == "mpeg4" && encoded->keyframe;
  if (in_band) encoded->data.insert(encoded->data.begin(), video_.extradata.begin(), video_.extradata.end());
  AvPacketPtr packet(av_packet_alloc());
  const std::size_t size = encoded->data.size();
  if (packet == nullptr || size > static_cast<std::size_t>(std::numeric_limits<int>::max() / 2) ||
      av_new_packet(packet.get(), static_cast<int>(size)) < 0) {
    return fail(ErrorKind::internal, "not enough memory for a coded picture");
  }
  std::ranges::copy(encoded->data, packet->data);
  packet->pts = encoded->pts;
  packet->dts = decoding_time(video_packets_++);
  if (packet->dts > packet->pts) {
    return fail(ErrorKind::internal, fmt::format("the reorder depth {} is too small", video_.reorder_depth));
  }
  packet->duration = duration_of(encoded->pts);
  if (encoded->keyframe) packet->flags |= AV_PKT_FLAG_KEY;
  av_packet_rescale_ts(packet.get(), video_time_base_, tracks_.video->time_base);
  if (orientation_) TRY(orientation_->apply(*packet));
  packet->stream_index = tracks_.video->index;
  return packet;
}

Result<void> ClipWriter::write(AvPacketPtr packet) {
  const int code = av_interleaved_write_frame(output_.get(), packet.get());
  if (code < 0) return std::unexpected(write_error(code));
  return {};
}

Result<void> ClipWriter::write_packets(const std::stop_token& stop) {
  PacketCopier copier(*input_.context, tracks_, video_, settings_);
  AvPacketPtr video = TRY(next_video());
  std::optional<CopiedPacket> copied = TRY(copier.next());
  // Whichever comes first in time is written first, so that libav's interleaver never has much to hold.
  while (video != nullptr || copied) {
    if (stop.stop_requested()) return fail(ErrorKind::cancelled, "stopped on request");
    const bool video_first =
        video != nullptr && (!copied || av_compare_ts(video->dts, tracks_.video->time_base,
                                                      copied->packet->dts, copied->time_base) <= 0);
    if (video_first) {
      TRY(write(std::move(video)));
      video = TRY(next_video());
    } else {
      TRY(write(std::move(copied->packet)));
      copied = TRY(copier.next());
    }
  }
  if (video_packets_ != std::ssize(video_.pts)) {
    return fail(ErrorKind::internal,
                fmt::format("{} coded pictures came for {} frames", video_packets_, video_.pts.size()));
  }
  if (!copier.damage().empty()) notes_.push_back(copier.damage());
  return {};
}

Result<void> ClipWriter::finish() {
  int code = av_write_trailer(output_.get());
  if (code < 0) return std::unexpected(write_error(code));
  avio_flush(output_->pb);
  if (output_->pb->error < 0) return std::unexpected(write_error(output_->pb->error));
  code = avio_closep(&output_->pb);
  if (code < 0) return std::unexpected(write_error(code));
  return {};
}

}  // namespace

int reorder_depth(std::span<const EncodedPacket> packets) {
  std::vector<std::int64_t> sorted;
  sorted.reserve(packets.size());
  for (const EncodedPacket& packet : packets) sorted.push_back(packet.pts);
  std::ranges::sort(sorted);
  std::int64_t depth = 0;
  for (std::int64_t i = 0; i < std::ssize(packets); ++i) {
    const auto rank =
        std::ranges::lower_bound(sorted, packets[static_cast<std::size_t>(i)].pts) - sorted.begin();
    depth = std::max(depth, i - rank);
  }
  return static_cast<int>(depth);
}

Result<std::vector<std::string>> write_clip(const std::filesystem::path& input, const EncodedVideo& video,
                                            const OutputContainer& container, const MuxSettings& settings,
                                            const std::filesystem::path& output, std::stop_token stop) {
  ClipWriter writer(video, container, settings, output);
  TRY(writer.open(input));
  TRY(writer.write_packets(stop));
  TRY(writer.finish());
  return writer.take_notes();
}

}  // namespace sightline::media
