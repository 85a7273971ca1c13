#include "sight/clips/clip_videos.h"

#include <fmt/format.h>

#include <utility>

namespace sightline::clips {

std::string video_prefix(const media::VideoInfo& info) {
  return info.tracks > 1 ? fmt::format("video track {}: ", info.track) : "";
}

Result<std::vector<ClipVideo>> open_videos(const std::filesystem::path& input, int wanted,
                                           std::vector<std::string>& notes) {
  std::vector<ClipVideo> videos;
  media::VideoReader main = TRY(media::VideoReader::open(input, 0, wanted));
  const media::VideoInfo info = main.info();
  if (info.tracks > kMostVideoTracks) {
    return fail(ErrorKind::too_large, fmt::format("'{}' has {} video tracks; up to {} are processed",
                                                  input.string(), info.tracks, kMostVideoTracks));
  }
  for (int track = 1; track <= info.tracks; ++track) {
    if (track == info.track) {
      videos.push_back({info, std::move(main)});
    } else if (wanted != 0) {
      notes.push_back(fmt::format("video track {} is left out: track {} was asked for", track, wanted));
    } else if (const auto other = media::VideoReader::open(input, 0, track)) {
      videos.push_back({other->info(), std::nullopt});
    } else {
      return fail(
          other.error().kind,
          fmt::format("{} (video track {} of {}); or process one of the others alone: --video-track {}",
                      other.error().message, track, info.tracks, info.track));
    }
  }
  return videos;
}

Result<std::vector<media::VideoInfo>> clip_videos(const std::filesystem::path& input, int wanted) {
  std::vector<std::string> notes;
  std::vector<media::VideoInfo> infos;
  for (const ClipVideo& video : TRY(open_videos(input, wanted, notes))) infos.push_back(video.info);
  return infos;
}

}  // namespace sightline::clips
