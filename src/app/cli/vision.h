#pragma once
// Opens the models for a command.

#include <memory>
#include <string>

#include "app/cli/locations.h"
#include "sight/analysis/face_detector.h"
#include "sight/faces/face_recogniser.h"

namespace sightline::cli {

using app::Locations;

struct VisionOptions {
  std::string model{analysis::FaceDetector::kUsualModel};
  std::string precision = "auto";  ///< auto, fp32, bf16, int8
  int threads = 0;                 ///< per inference; 0 = chosen here
};

/// The inference runtime with the face models on it. Of one thread; what it gives is thread-safe.
class Vision {
 public:
  static Result<std::unique_ptr<Vision>> open(const Locations& locations, const VisionOptions& options);
  // Each model is opened when first asked for.
  /// For the frames of clips.
  [[nodiscard]] Result<analysis::FaceDetector*> clip_detector();
  /// For pictures, which get one look each: in 8 bits only when told so, since that misses some of the faces
  /// of 12 pixels.
  [[nodiscard]] Result<analysis::FaceDetector*> picture_detector();
  [[nodiscard]] Result<faces::FaceRecogniser*> recogniser();
  [[nodiscard]] inference::Runtime& runtime() { return *runtime_; }
  [[nodiscard]] const inference::ModelStore& models() const { return models_; }

 private:
  Vision(inference::ModelStore models, const VisionOptions& options)
      : models_(std::move(models)), options_(options) {}
  inference::ModelStore models_;
  VisionOptions options_;
  std::unique_ptr<inference::Runtime> runtime_;
  std::unique_ptr<analysis::FaceDetector> clip_detector_;
  std::unique_ptr<analysis::FaceDetector> picture_detector_;
  std::unique_ptr<faces::FaceRecogniser> recogniser_;
};

[[nodiscard]] Result<inference::ModelStore> open_model_store(const Locations& locations);

}  // namespace sightline::cli
