#include "sight/tracking/face_tracker.h"

#include <algorithm>
#include <utility>

#include "sight/tracking/tracker_core.h"

namespace sightline::tracking {
namespace {

constexpr int kLongestLumaSide = 1280;  // content is followed on a picture of at most this size
constexpr int kMostLevels = 4;

class ContentFaceTracker final : public FaceTracker {
 public:
  ContentFaceTracker(const TrackerOptions& options, const media::Orientation& orientation,
                     DetectFunction detect)
      : orientation_(orientation), core_(options, std::move(detect)) {}

  Result<std::vector<CoveredFrame>> push(media::VideoFrame frame) override {
    const media::Size size = frame.stored_size();
    int levels = 0;
    while (levels < kMostLevels && (std::max(size.width, size.height) >> levels) > kLongestLumaSide) ++levels;
    LumaPyramid luma = LumaPyramid::build(media::displayed_luma(frame, orientation_, levels),
                                          static_cast<float>(1 << levels));
    const std::int64_t pts = frame.pts();
    return core_.push(std::move(frame), pts, std::move(luma));
  }

  Result<std::vector<CoveredFrame>> finish() override { return core_.finish(); }

 private:
  media::Orientation orientation_;
  TrackerCore core_;
};

}  // namespace

TrackerOptions tracker_options(analysis::Scope scope) {
  TrackerOptions options;
  options.scope = scope;
  switch (scope) {
    case analysis::Scope::fast:
      options.usual_stride = 6;
      options.max_stride = 8;
      options.full_interval = 12;
      options.look_back = 24;
      options.tail = 3;
      options.deep_interval = 150;
      options.detection_share = 0.19F;
      break;
    case analysis::Scope::balanced:
      options.deep_interval = 150;
      break;
    case analysis::Scope::thorough:
      options.usual_stride = 1;
      options.max_stride = 1;
      options.full_interval = 1;
      options.detection_share = 1;
      break;
  }
  return options;
}

std::unique_ptr<FaceTracker> FaceTracker::create(const TrackerOptions& options,
                                                 const media::Orientation& orientation,
                                                 DetectFunction detect) {
  return std::make_unique<ContentFaceTracker>(options, orientation, std::move(detect));
}

}  // namespace sightline::tracking
