#include "sight/anonymize/kept_tracks.h"

#include <fmt/format.h>

#include <map>
#include <memory>

#include "base/sha256.h"

namespace sightline::anonymize {
namespace {

/// By video track and time.
using Boxes = std::map<std::pair<int, std::int64_t>, std::vector<tracking::TrackedBox>>;

std::string id_of(const Boxes& boxes) {
  std::string text;
  for (const auto& [at, shown] : boxes) {
    for (const tracking::TrackedBox& box : shown) {
      text += fmt::format("{} {} {} {} {} {} {}\n", at.first, at.second, box.track, box.box.x, box.box.y,
                          box.box.width, box.box.height);
    }
  }
  return sha256_hex({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

}  // namespace

Result<BoxesToPaint> boxes_to_paint(const std::filesystem::path& input, const KeptPeople& people,
                                    analysis::FaceDetector& detector, const ClipOptions& options,
                                    const std::function<void(const Progress&)>& progress,
                                    std::stop_token stop) {
  media::VideoInfo info;  // of the video track that is under way
  media::FrameConverter converter;
  TrackJudge judge(people);
  // Shared with the lookup that is given out.
  const auto boxes = std::make_shared<Boxes>();
  ClipObserver observer;
  observer.progress = progress;
  observer.video = [&](const media::VideoInfo& video) -> Result<void> {
    info = video;
    return {};
  };
  observer.frame = [&](const tracking::CoveredFrame& covered) -> Result<void> {
    if (!covered.tracks.boxes.empty()) (*boxes)[{info.track, covered.tracks.pts}] = covered.tracks.boxes;
    if (!judge.wants(covered.tracks, covered.index)) return {};
    const media::RgbImage picture =
        TRY(converter.to_rgb(covered.frame, info.orientation, info.displayed_size()));
    return judge.add(picture, covered.tracks, covered.index);
  };
  const ClipResult result = TRY(track_clip(input, &detector, options, observer, stop));
  const auto kept = judge.kept();
  for (auto& [at, shown] : *boxes) {
    std::erase_if(shown, [&](const tracking::TrackedBox& box) { return kept.contains(box.track); });
  }
  return BoxesToPaint{[boxes](int video, std::int64_t pts) {
                        const auto found = boxes->find({video, pts});
                        return found == boxes->end() ? std::vector<tracking::TrackedBox>() : found->second;
                      },
                      id_of(*boxes), kept.size(), result.detections};
}

}  // namespace sightline::anonymize
