#pragma once
// Opens the models for a command.

#include <memory>
#include <string>

#include "app/cli/locations.h"
#include "sight/analysis/face_detector.h"

namespace sightline::cli {

using app::Locations;

struct VisionOptions {
  std::string model = "centerface";
  std::string precision = "auto";  ///< auto, fp32, bf16
  int threads = 0;                 ///< per inference; 0 = chosen here
};

/// The inference runtime with the face detector on it. Thread-safe as they are.
class Vision {
 public:
  static Result<std::unique_ptr<Vision>> open(const Locations& locations, const VisionOptions& options);
  [[nodiscard]] analysis::FaceDetector& detector() { return *detector_; }
  [[nodiscard]] inference::Runtime& runtime() { return *runtime_; }

 private:
  Vision() = default;
  std::unique_ptr<inference::Runtime> runtime_;
  std::unique_ptr<analysis::FaceDetector> detector_;
};

[[nodiscard]] Result<inference::ModelStore> open_model_store(const Locations& locations);

}  // namespace sightline::cli
