#pragma once
// Who the tracks of a clip show: of each, the vectors of the few best views of its face.

#include <cstdint>
#include <map>
#include <vector>

#include "base/result.h"
#include "sight/analysis/face_detector.h"
#include "sight/faces/face_quality.h"
#include "sight/faces/face_recogniser.h"
#include "sight/jobs/records.h"

namespace sightline::jobs {

/// How well a view identifies whose face it is, 0..1: sharp, facing the camera, surely a face. 0 where the
/// face is too small, dark or blurred to be enrolled by default (faces::QualityBar::low): a stranger would be
/// taken for somebody too often.
[[nodiscard]] float view_worth(const analysis::Face& face, const faces::Quality& quality);

/// A face in view is embedded only where it is among the best of its track or clearly better than those: a
/// dozen times a track, however long it is. Not thread-safe.
class TrackViews {
 public:
  [[nodiscard]] bool wants(std::int64_t track, float worth) const;
  /// Whether a view of any worth would be wanted.
  [[nodiscard]] bool is_short_of(std::int64_t track) const;
  /// Errors: too_large (kMaxTracks).
  [[nodiscard]] Result<void> add(std::int64_t track, float worth, const faces::FaceVector& vector);

  /// One vector a track, by rising tracks: the best view's, with those of the others that show the same
  /// person; a track may have slipped from one person to another.
  [[nodiscard]] std::vector<TrackVector> vectors(const faces::FaceRecogniser& recogniser) const;

 private:
  struct View {
    float worth = 0;
    faces::FaceVector vector{};
  };
  std::map<std::int64_t, std::vector<View>> tracks_;  ///< the best first
};

}  // namespace sightline::jobs
