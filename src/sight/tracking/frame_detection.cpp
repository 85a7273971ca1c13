#include "sight/tracking/frame_detection.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "sight/analysis/picture_faces.h"
#include "sight/analysis/picture_sources.h"
#include "sight/analysis/suppression.h"

namespace sightline::tracking {
namespace {

constexpr int kLeastSide = 320;
constexpr int kDeepestSide = 1472;
constexpr int kDeepestFastSide = 1280;
constexpr int kLeastFastSide = 480;
/// Height of a face in pixels of what a pass shows the network: of those below some 1 in 8 stay uncovered.
constexpr float kSeenHeight = 20;
constexpr float kThoroughEnlargement = 2;  // of the tiles that thorough adds to the whole picture
constexpr int kFirstFrames = 60;
constexpr int kFirstFramesStep = 12;
constexpr float kSameFaceOverlap = 0.3F;  // IoU of detections in two orientations

/// How a pass looks at frames of one size.
struct DetectionPass {
  analysis::DetectorOptions options;
  media::Size size;  ///< what the frame is shown as: larger than it is where it is to be enlarged
};

float longest_side(media::Size displayed, float pixel_aspect) {
  return std::max(static_cast<float>(displayed.width) * pixel_aspect, static_cast<float>(displayed.height));
}

/// fast reduces by a third, as far as small faces allow: what a look costs then grows with what coding the
/// clip costs.
int normal_side(analysis::Scope scope, int longest) {
  const int limit = analysis::clip_options(scope).max_side;
  if (limit == 0) return longest;
  const int side = scope == analysis::Scope::fast ? std::max(kLeastFastSide, longest * 2 / 3) : longest;
  return std::min({limit, side, longest});
}

/// `side` as for bind_detector().
DetectionPass look_of(analysis::Scope scope, Pass pass, media::Size displayed, float pixel_aspect, int side) {
  analysis::DetectorOptions options = analysis::clip_options(scope);
  options.occasional = pass == Pass::deep;
  if (side > 0 && pass == Pass::normal) {
    options.max_side = side;
  } else if (scope != analysis::Scope::thorough) {
    options.max_side = detection_side(scope, pass, displayed, pixel_aspect);
  }
  float factor = 1;
  if (options.max_side > 0) {
    factor = std::max(1.0F, static_cast<float>(options.max_side) / longest_side(displayed, pixel_aspect));
  }
  return {options,
          {static_cast<int>(std::lround(static_cast<float>(displayed.width) * factor)),
           static_cast<int>(std::lround(static_cast<float>(displayed.height) * factor))}};
}

/// Shows a frame as if it were as large as `size`, so that the detector enlarges what it reduces otherwise.
class FrameSource final : public analysis::PictureSource {
 public:
  FrameSource(media::FrameConverter& converter, const media::VideoFrame& frame,
              const media::Orientation& orientation, float pixel_aspect, media::Size size)
      : converter_(converter),
        frame_(frame),
        orientation_(orientation),
        pixel_aspect_(pixel_aspect),
        size_(size) {
    const media::Size displayed = orientation.displayed(frame.stored_size());
    shrink_x_ = static_cast<float>(displayed.width) / static_cast<float>(size_.width);
    shrink_y_ = static_cast<float>(displayed.height) / static_cast<float>(size_.height);
  }
  [[nodiscard]] media::Size size() const override { return size_; }
  [[nodiscard]] float pixel_aspect() const override { return pixel_aspect_; }
  [[nodiscard]] Result<media::RgbImage> rgb(media::Size size) const override {
    return converter_.to_rgb(frame_, orientation_, size);
  }

  /// Back to the pixels of the displayed frame.
  void restore(analysis::Face& face) const {
    face.box = {face.box.x * shrink_x_, face.box.y * shrink_y_, face.box.width * shrink_x_,
                face.box.height * shrink_y_};
    for (media::Point& point : face.landmarks) point = {point.x * shrink_x_, point.y * shrink_y_};
  }

 private:
  media::FrameConverter& converter_;
  const media::VideoFrame& frame_;
  media::Orientation orientation_;
  float pixel_aspect_;
  media::Size size_;
  float shrink_x_ = 1;
  float shrink_y_ = 1;
};

}  // namespace

int detection_side(analysis::Scope scope, Pass pass, media::Size displayed, float pixel_aspect) {
  const int longest = std::max(1, static_cast<int>(std::lround(longest_side(displayed, pixel_aspect))));
  const int normal = normal_side(scope, longest);
  if (pass == Pass::normal) return normal;
  if (pass == Pass::coarse) return std::min(normal, std::max(kLeastSide, normal / 2));
  return std::max(normal,
                  std::min(2 * normal, scope == analysis::Scope::fast ? kDeepestFastSide : kDeepestSide));
}

int smallest_face(analysis::Scope scope, media::Size displayed, float pixel_aspect, int side) {
  const float longest = std::max(1.0F, longest_side(displayed, pixel_aspect));
  float shown = kThoroughEnlargement * longest;
  if (scope != analysis::Scope::thorough)
    shown =
        static_cast<float>(side > 0 ? side : detection_side(scope, Pass::normal, displayed, pixel_aspect));
  return static_cast<int>(std::ceil(kSeenHeight * longest / shown - 0.01F));
}

float displayed_pixel_aspect(const media::VideoInfo& info) {
  if (info.sample_aspect.num <= 0 || info.sample_aspect.den <= 0) return 1;
  const auto stored = static_cast<float>(info.sample_aspect.value());
  return info.orientation.swaps_axes() ? 1 / stored : stored;
}

Result<void> make_ready(analysis::FaceDetector& detector, const TrackerOptions& options,
                        media::Size displayed, float pixel_aspect) {
  const auto ready = [&](Pass pass) {
    const DetectionPass look = look_of(options.scope, pass, displayed, pixel_aspect, 0);
    return detector.make_ready(look.size, pixel_aspect, look.options);
  };
  TRY(ready(Pass::normal));
  if (options.deep_interval > 0) TRY(ready(Pass::deep));
  if (options.full_interval > 1) TRY(ready(Pass::coarse));
  return {};
}

Result<int> turns_of_clip(analysis::FaceDetector& detector, media::VideoReader& reader,
                          analysis::Scope scope) {
  const media::VideoInfo& info = reader.info();
  const float aspect = displayed_pixel_aspect(info);
  media::FrameConverter converter;
  for (int index = 0; index < kFirstFrames; ++index) {
    const auto next = reader.next();
    if (!next || !*next) break;  // whoever reads the clip in earnest says what is wrong with it
    if (index % kFirstFramesStep != 0) continue;
    const media::VideoFrame& frame = **next;
    const DetectionPass look =
        look_of(scope, Pass::normal, info.orientation.displayed(frame.stored_size()), aspect, 0);
    const FrameSource source(converter, frame, info.orientation, aspect, look.size);
    if (const auto turns = TRY(analysis::turns_to_upright(detector, source, look.options))) return *turns;
  }
  return 0;
}

DetectFunction bind_detector(analysis::FaceDetector& detector, const media::VideoInfo& info,
                             analysis::Scope scope, float min_score, int side, int quarter_turns) {
  // Shared because std::function must be copyable; the converter holds scratch memory.
  auto converter = std::make_shared<media::FrameConverter>();
  const float aspect = displayed_pixel_aspect(info);
  const media::Orientation orientation = info.orientation;
  return [&detector, converter, aspect, orientation, scope, min_score, side, quarter_turns](
             const media::VideoFrame& frame, std::int64_t, Pass pass) -> Result<std::vector<analysis::Face>> {
    const media::Size displayed = orientation.displayed(frame.stored_size());
    DetectionPass look = look_of(scope, pass, displayed, aspect, side);
    look.options.min_score = min_score;
    const FrameSource source(*converter, frame, orientation, aspect, look.size);
    std::vector<analysis::Face> faces = TRY(detector.detect(source, look.options));
    if (quarter_turns != 0) {
      const analysis::TurnedSource turned(source, quarter_turns);
      for (const analysis::Face& face : TRY(detector.detect(turned, look.options)))
        faces.push_back(turned.turned_back(face));
      faces = analysis::suppress_overlaps(std::move(faces), kSameFaceOverlap);
    }
    for (analysis::Face& face : faces) source.restore(face);
    return faces;
  };
}

}  // namespace sightline::tracking
