#pragma once
// What the handlers see with. Models load while the port already answers: a call waits for its own.

#include "base/result.h"
#include "sight/analysis/face_detector.h"
#include "sight/faces/face_analyser.h"
#include "sight/faces/face_recogniser.h"
#include "sight/objects/object_detector.h"
#include "sight/objects/unsafe_content.h"

namespace sightline::aws::rekognition {

/// Thread-safe; what it gives lives as long as it does. Errors: unavailable (a model is missing or damaged).
class Vision {
 public:
  virtual ~Vision() = default;
  [[nodiscard]] virtual Result<analysis::FaceDetector*> faces() = 0;
  [[nodiscard]] virtual Result<const faces::FaceAnalyser*> analyser() = 0;
  [[nodiscard]] virtual Result<faces::FaceRecogniser*> recogniser() = 0;
  [[nodiscard]] virtual Result<objects::ObjectDetector*> objects() = 0;
  [[nodiscard]] virtual Result<objects::UnsafeContentDetector*> unsafe_content() = 0;
};

}  // namespace sightline::aws::rekognition
