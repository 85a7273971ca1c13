#include "sight/analysis/picture_faces.h"

#include <algorithm>
#include <cmath>

#include "sight/analysis/picture_sources.h"
#include "sight/analysis/suppression.h"

namespace sightline::analysis {
namespace {

constexpr float kSameFaceOverlap = 0.3F;  ///< IoU
constexpr float kHint = 0.4F;             ///< raw score in half the size that makes a closer look worth it
constexpr float kSureFace = 0.5F;         ///< raw score
constexpr int kLeastHintSide = 320;       ///< longest side of the smallest half

/// One pass in half the size of what the options ask for.
DetectorOptions hint_options(const PictureSource& picture, const DetectorOptions& options) {
  const auto width = static_cast<float>(picture.size().width) * picture.pixel_aspect();
  const int longest = static_cast<int>(std::max(width, static_cast<float>(picture.size().height)));
  const int limit = options.max_side > 0               ? options.max_side
                    : options.scope == Scope::thorough ? picture_options(Scope::balanced).max_side
                                                       : picture_options(options.scope).max_side;
  DetectorOptions hint = options;
  hint.scope = Scope::fast;
  hint.max_side = std::max(kLeastHintSide, std::min(longest, limit) / 2);
  hint.min_score = kHint;
  return hint;
}

Result<std::vector<Face>> detect_turned(FaceDetector& detector, const TurnedSource& turned,
                                        const DetectorOptions& options) {
  std::vector<Face> faces = TRY(detector.detect(turned, options));
  for (Face& face : faces) face = turned.turned_back(face);
  return faces;
}

/// Some other detection of the same place has a better score.
bool is_beaten(const Face& face, const std::vector<Face>& others) {
  return std::ranges::any_of(others, [&](const Face& other) {
    return other.score >= face.score && media::iou(other.box, face.box) >= kSameFaceOverlap;
  });
}

/// What the sure faces that the others do not show better weigh together.
float evidence(const std::vector<Face>& faces, const std::vector<Face>& others) {
  float sum = 0;
  for (const Face& face : faces)
    if (face.score >= kSureFace && !is_beaten(face, others)) sum += face.score;
  return sum;
}

}  // namespace

Result<std::vector<Face>> find_faces(FaceDetector& detector, const PictureSource& picture,
                                     const DetectorOptions& options, Orientations orientations) {
  const std::vector<Face> upright = TRY(detector.detect(picture, options));
  const auto is_sure = [](const Face& face) { return face.score >= kSureFace; };
  if (orientations == Orientations::upright ||
      (orientations == Orientations::others_if_no_face && std::ranges::any_of(upright, is_sure))) {
    return upright;
  }
  const DetectorOptions hint = hint_options(picture, options);
  std::vector<Face> all = upright;
  for (int quarter_turns = 1; quarter_turns < 4; ++quarter_turns) {
    const TurnedSource turned(picture, quarter_turns);
    const auto hints = TRY(detect_turned(detector, turned, hint));
    if (std::ranges::all_of(hints, [&](const Face& face) { return is_beaten(face, upright); })) continue;
    const auto faces = TRY(detect_turned(detector, turned, options));
    const bool prevails = evidence(faces, upright) > evidence(upright, faces);
    for (const Face& face : faces)
      if (prevails || is_sure(face)) all.push_back(face);
  }
  return all.size() == upright.size() ? upright : suppress_overlaps(std::move(all), kSameFaceOverlap);
}

Result<std::optional<int>> turns_to_upright(FaceDetector& detector, const PictureSource& picture,
                                            const DetectorOptions& options) {
  const DetectorOptions hint = hint_options(picture, options);
  const std::vector<Face> upright = TRY(detector.detect(picture, hint));
  std::optional<int> best;
  float most = 0;
  for (int quarter_turns = 1; quarter_turns < 4; ++quarter_turns) {
    const auto faces = TRY(detect_turned(detector, TurnedSource(picture, quarter_turns), hint));
    const float turned = evidence(faces, upright);
    if (turned <= most || turned <= evidence(upright, faces)) continue;
    most = turned;
    best = quarter_turns;
  }
  if (!best && evidence(upright, {}) > 0) best = 0;
  return best;
}

}  // namespace sightline::analysis
