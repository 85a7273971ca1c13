#include "app/cli/demo_clip.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "app/cli/demo_scene.h"
#include "base/file.h"
#include "sight/media/clip_muxer.h"
#include "sight/media/frame_factory.h"
#include "sight/media/video_encoder.h"

namespace sightline::cli {
namespace {

constexpr media::Size kSize{1280, 720};
constexpr int kFramesPerSecond = 30;
constexpr int kFrames = 8 * kFramesPerSecond;
constexpr int kTicksPerFrame = 512;  // a time base that mp4 keeps as it is

media::VideoInfo clip_info() {
  media::VideoInfo info;
  info.container = "mov,mp4,m4a,3gp,3g2,mj2";
  info.codec = "h264";
  info.stored_size = kSize;
  info.time_base = {1, static_cast<std::int64_t>(kFramesPerSecond) * kTicksPerFrame};
  info.frame_rate = {kFramesPerSecond, 1};
  info.duration = static_cast<std::int64_t>(kFrames) * kTicksPerFrame;
  info.frame_count = kFrames;
  info.colour = media::kDrawnColour;
  return info;
}

void append(std::vector<media::EncodedPacket>& all, std::vector<media::EncodedPacket> more) {
  std::move(more.begin(), more.end(), std::back_inserter(all));
}

struct Film {
  std::vector<media::EncodedPacket> packets;
  Bytes extradata;
};

Result<Film> film(const DemoScene& scene, const media::VideoInfo& info, const media::EncoderChoice& choice,
                  const std::stop_token& stop, const std::function<void(double)>& progress) {
  const auto shoot = [&](int index) {
    const double time = static_cast<double>(index) / (kFrames - 1);
    return media::frame_from_rgb(scene.look(camera_at(time), kSize), std::int64_t{index} * kTicksPerFrame);
  };
  const media::VideoFrame first = TRY(shoot(0));
  auto encoder = TRY(media::VideoEncoder::create(info, first, choice, 0));
  Film made;
  append(made.packets, TRY(encoder.encode(first)));
  for (int index = 1; index < kFrames; ++index) {
    if (stop.stop_requested()) return fail(ErrorKind::cancelled, "stopped while making the demo clip");
    const media::VideoFrame frame = TRY(shoot(index));
    append(made.packets, TRY(encoder.encode(frame)));
    if (progress) progress(static_cast<double>(index + 1) / kFrames);
  }
  append(made.packets, TRY(encoder.flush()));
  made.extradata = encoder.extradata();
  return made;
}

}  // namespace

Result<void> make_demo_clip(const std::filesystem::path& pictures, const std::filesystem::path& output,
                            std::stop_token stop, const std::function<void(double)>& progress) {
  const DemoScene scene = TRY(DemoScene::build(pictures));
  auto pending = TRY(PendingFile::create(output));
  media::EncodedVideo video;
  video.info = clip_info();
  media::EncoderSettings settings;
  settings.preset = "veryfast";
  const media::OutputContainer container = TRY(media::output_container(video.info, output));
  video.choice = TRY(media::choose_encoder(video.info, settings, container.muxer));
  Film made = TRY(film(scene, video.info, video.choice, stop, progress));
  video.extradata = std::move(made.extradata);
  video.reorder_depth = media::reorder_depth(made.packets);
  for (int index = 0; index < kFrames; ++index) video.pts.push_back(std::int64_t{index} * kTicksPerFrame);
  std::size_t next = 0;
  video.packets = [&]() -> Result<std::optional<media::EncodedPacket>> {
    if (next == made.packets.size()) return std::nullopt;
    return std::move(made.packets[next++]);
  };
  media::MuxSettings mux;
  mux.audio = false;
  TRY(media::write_clip({}, {&video, 1}, container, mux, pending.temporary_path(), stop));
  return pending.commit(/*replace=*/true);
}

}  // namespace sightline::cli
