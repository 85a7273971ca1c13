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
#include "sight/media/clip_tracks.h"

namespace sightline::media {
namespace {

class ClipWriter {
 public:
  ClipWriter(std::span<const EncodedVideo> videos, const OutputContainer& container,
             const MuxSettings& settings, const std::filesystem::path& path)
      : videos_(videos), container_(container), settings_(settings), path_(path) {}

  Result<void> open(const std::filesystem::path& input);
  Result<void> write_packets(const std::stop_token& stop);
  Result<void> finish();
  std::vector<std::string> take_notes() { return std::move(notes_); }

 private:
  Result<void> write_header();
  void set_mp4_options(AvOptions& options) const;
  void set_transport_options(AvOptions& options);
  Result<void> write(AvPacketPtr packet);
  [[nodiscard]] Error write_error(int code) const;

  std::span<const EncodedVideo> videos_;
  const OutputContainer& container_;
  const MuxSettings& settings_;
  const std::filesystem::path& path_;
  ClipInput input_;
  ClipTracks tracks_;
  AvOutputPtr output_;
  std::vector<std::string> notes_;
};

Error ClipWriter::write_error(int code) const {
  // libav's errors of the operating system are negative errno values; its own are tags far below.
  // A muxer that refuses a stream says EINVAL or EPERM, which have nothing to do with the file.
  const bool refused = code == AVERROR(EINVAL) || code == AVERROR(EPERM);
  if (code < 0 && code > -4096 && !refused) return system_error("write", path_, AVUNERROR(code));
  return {ErrorKind::io,
          fmt::format("cannot write '{}' as {}: {}; try another output file type, such as .mkv",
                      path_.string(), container_name(container_.muxer), av_error_text(code))};
}

Result<void> ClipWriter::open(const std::filesystem::path& input) {
  if (videos_.empty() || std::ranges::any_of(videos_, [](const auto& video) { return video.pts.empty(); })) {
    return fail(ErrorKind::invalid_argument, "a clip without frames cannot be written");
  }
  input_ = TRY(input.empty() ? drawn_clip() : open_clip(input));
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
  tracks_ = TRY(add_tracks(*input_.context, *context, videos_, container_, settings_, notes_));
  if (tracks_.videos.size() != videos_.size()) {
    return fail(ErrorKind::corrupt,
                fmt::format("{} does not hold its video any more; was it changed?", input.string()));
  }
  TRY(copy_chapters(*input_.context, *context, settings_.metadata));
  const bool mp4 = container_.muxer == "mp4" || container_.muxer == "mov";
  for (EncodedTrack& track : tracks_.videos) {
    if (!mp4) TRY(track.turn_in_stream(container_.muxer));
  }
  return write_header();
}

void ClipWriter::set_mp4_options(AvOptions& options) const {
  // MPEG-4's own stream holds no colour tags, and libav writes the box for all of them or not at all.
  const bool tagged = std::ranges::any_of(videos_, [](const EncodedVideo& video) {
    return video.choice.codec == "mpeg4" && video.info.colour.matter();
  });
  options.set("movflags", tagged ? "+faststart+write_colr" : "+faststart");
  // The very ticks of the input; where tracks differ, libav takes a multiple of each one's. A track that
  // starts late is held back by a gap in the movie's own time scale, milliseconds by default: it must be fine
  // enough for every track's start.
  const std::int64_t ticks = videos_.front().info.time_base.den;
  if (std::ranges::all_of(videos_, [&](const auto& video) { return video.info.time_base.den == ticks; })) {
    options.set("video_track_timescale", std::to_string(ticks).c_str());
  }
  std::int64_t scale = 1000;
  const auto refine = [&](std::int64_t start, AVRational time_base) {
    const bool exact = start <= 0 || (start * time_base.num * scale) % time_base.den == 0;
    if (exact && !settings_.from) return;  // a span may begin anywhere
    const std::int64_t finer = std::lcm(scale, std::int64_t{time_base.den});
    if (finer <= std::numeric_limits<int>::max()) scale = finer;
  };
  constexpr std::int64_t kLateStart = std::int64_t{1} << 32;  // keeps the product above in range
  for (const EncodedVideo& video : videos_) {
    refine(std::min(video.pts.front(), kLateStart), libav_time_base(video.info));
  }
  for (const CopiedTrack& track : tracks_.copied) {
    if (track.input->start_time == AV_NOPTS_VALUE) continue;
    // A converted track may start at any sample once it does not start at once.
    const bool late = track.converter != nullptr && track.input->start_time > 0;
    refine(late ? 1 : std::min(track.input->start_time, kLateStart),
           late ? track.clock : track.input->time_base);
  }
  options.set("movie_timescale", std::to_string(scale).c_str());
}

void ClipWriter::set_transport_options(AvOptions& options) {
  const AVRational microseconds{1, 1'000'000};
  std::int64_t first = std::numeric_limits<std::int64_t>::max();
  for (const EncodedTrack& track : tracks_.videos) {
    first = std::min(first,
                     av_rescale_q(track.decoding_time(0), libav_time_base(track.video().info), microseconds));
  }
  for (const CopiedTrack& track : tracks_.copied) {
    if (track.input->start_time == AV_NOPTS_VALUE) continue;
    std::int64_t start = av_rescale_q(track.input->start_time, track.input->time_base, microseconds);
    // The encoder's priming comes before the first sample, whose own time may be rounded.
    if (track.converter != nullptr) {
      start -= av_rescale_q(track.output->codecpar->initial_padding, track.clock, microseconds) + 1000;
    }
    first = std::min(first, start);
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

Result<void> ClipWriter::write(AvPacketPtr packet) {
  const int code = av_interleaved_write_frame(output_.get(), packet.get());
  if (code < 0) return std::unexpected(write_error(code));
  return {};
}

Result<void> ClipWriter::write_packets(const std::stop_token& stop) {
  PacketCopier copier(*input_.context, tracks_, settings_);
  struct Waiting {
    EncodedTrack* track;
    AvPacketPtr packet;
  };
  std::vector<Waiting> videos;
  for (EncodedTrack& track : tracks_.videos) videos.push_back({&track, TRY(track.next(container_.muxer))});
  std::optional<CopiedPacket> copied = TRY(copier.next());
  // Whichever comes first in time is written first, so that libav's interleaver never has much to hold.
  while (true) {
    if (stop.stop_requested()) return fail(ErrorKind::cancelled, "stopped on request");
    Waiting* first = nullptr;
    for (Waiting& video : videos) {
      if (video.packet == nullptr) continue;
      if (first == nullptr || av_compare_ts(video.packet->dts, video.track->output().time_base,
                                            first->packet->dts, first->track->output().time_base) < 0) {
        first = &video;
      }
    }
    if (first == nullptr && !copied) break;
    if (first != nullptr && (!copied || av_compare_ts(first->packet->dts, first->track->output().time_base,
                                                      copied->packet->dts, copied->time_base) <= 0)) {
      TRY(write(std::move(first->packet)));
      first->packet = TRY(first->track->next(container_.muxer));
    } else {
      TRY(write(std::move(copied->packet)));
      copied = TRY(copier.next());
    }
  }
  for (const EncodedTrack& track : tracks_.videos) TRY(track.check_whole());
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

Result<std::vector<std::string>> write_clip(const std::filesystem::path& input,
                                            std::span<const EncodedVideo> videos,
                                            const OutputContainer& container, const MuxSettings& settings,
                                            const std::filesystem::path& output, std::stop_token stop) {
  ClipWriter writer(videos, container, settings, output);
  TRY(writer.open(input));
  TRY(writer.write_packets(stop));
  TRY(writer.finish());
  return writer.take_notes();
}

}  // namespace sightline::media
