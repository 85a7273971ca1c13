#pragma once
// The models that the program sees with. Which form of a model is used for what is decided only here.

#include <memory>
#include <string>

#include "base/result.h"
#include "sight/analysis/face_detector.h"
#include "sight/faces/eyes.h"
#include "sight/faces/face_analyser.h"
#include "sight/faces/face_mesh.h"
#include "sight/faces/face_recogniser.h"
#include "sight/inference/model_store.h"
#include "sight/inference/session.h"
#include "sight/objects/object_detector.h"
#include "sight/objects/unsafe_content.h"

namespace sightline::models {

struct ModelSetOptions {
  std::string face_detector{analysis::FaceDetector::kUsualModel};
  inference::RuntimeOptions runtime;
};

/// One inference runtime with the models on it, each opened when it is first asked for; what could not be
/// opened is tried again. Of one thread; what it gives is thread-safe and lives as long as it does. Errors:
/// unavailable or corrupt (a model is missing or damaged), those of the runtime.
class ModelSet {
 public:
  static Result<std::unique_ptr<ModelSet>> open(inference::ModelStore store, const ModelSetOptions& options);

  /// For the frames of clips: in the form that the runtime prefers.
  [[nodiscard]] Result<analysis::FaceDetector*> clip_detector();
  /// For pictures, which get one look each: in 8 bits only under Precision::int8, since that misses some of
  /// the faces of 12 pixels.
  [[nodiscard]] Result<analysis::FaceDetector*> picture_detector();
  [[nodiscard]] Result<faces::FaceRecogniser*> recogniser();
  [[nodiscard]] Result<faces::FaceMesher*> mesher();
  /// On the mesher and on the eyes' model.
  [[nodiscard]] Result<const faces::FaceAnalyser*> analyser();
  [[nodiscard]] Result<objects::ObjectDetector*> objects();
  [[nodiscard]] Result<objects::UnsafeContentDetector*> unsafe_content();

  /// Reads clip_detector()'s model into memory: sessions for further sizes can then be made where no file can
  /// be opened.
  [[nodiscard]] Result<void> keep_clip_detector_in_memory();
  [[nodiscard]] inference::Runtime& runtime() { return *runtime_; }

 private:
  ModelSet(inference::ModelStore store, const ModelSetOptions& options)
      : store_(std::move(store)), options_(options) {}

  inference::ModelStore store_;
  const ModelSetOptions options_;
  std::unique_ptr<inference::Runtime> runtime_;  // before the models, which stand on it
  std::unique_ptr<analysis::FaceDetector> clip_detector_;
  std::unique_ptr<analysis::FaceDetector> picture_detector_;
  std::unique_ptr<faces::FaceRecogniser> recogniser_;
  std::unique_ptr<faces::FaceMesher> mesher_;
  std::unique_ptr<faces::EyeReader> eyes_;
  std::unique_ptr<faces::FaceAnalyser> analyser_;  // on the two
  std::unique_ptr<objects::ObjectDetector> objects_;
  std::unique_ptr<objects::UnsafeContentDetector> unsafe_content_;
};

}  // namespace sightline::models
