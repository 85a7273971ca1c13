#pragma once
// The parts of the measurement, each printing a table of its own.

#include <vector>

#include "detect/dataset.h"
#include "sight/analysis/face_detector.h"

namespace sightline::bench {

struct Bench {
  analysis::FaceDetector& detector;
  std::vector<TestPicture> wider;
  std::vector<TestPicture> photos;
  float min_score = 0.05F;  ///< the raw score down to which detections enter the curves
  std::vector<analysis::Scope> scopes;
  bool timed = true;  ///< detect twice and time the second run, compilation being in the first
};

/// One way of looking: a scope, or plain CenterFace in one pass at native size.
struct Look {
  const char* name;
  analysis::DetectorOptions options;
};

/// Average precision by face height and milliseconds a picture, per scope.
[[nodiscard]] Result<void> print_accuracy(Bench& bench);
/// Clear faces scaled down to `height` pixels, found by thorough and balanced.
[[nodiscard]] Result<void> print_small_faces(Bench& bench, float height);
/// Clear faces scaled up to 90% of the frame's height.
[[nodiscard]] Result<void> print_large_faces(Bench& bench);
/// Pictures turned by quarter turns, looked at as displayed and every way up.
[[nodiscard]] Result<void> print_turned_pictures(Bench& bench);
/// The map from raw score to confidence, and how well one half of the pictures predicts the other.
[[nodiscard]] Result<void> print_calibration(Bench& bench);

}  // namespace sightline::bench
