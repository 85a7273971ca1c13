#pragma once
// Opens the models for a command.

#include <memory>
#include <string>

#include "app/cli/locations.h"
#include "sight/analysis/face_detector.h"
#include "sight/models/model_set.h"

namespace sightline::cli {

using app::Locations;

struct VisionOptions {
  std::string model{analysis::FaceDetector::kUsualModel};
  std::string precision = "auto";  ///< auto, fp32, bf16, int8
  int threads = 0;                 ///< per inference; 0 = chosen here
};

[[nodiscard]] Result<inference::ModelStore> open_model_store(const Locations& locations);
/// Errors: invalid_argument (no such precision), those of the store and of the runtime.
[[nodiscard]] Result<std::unique_ptr<models::ModelSet>> open_models(const Locations& locations,
                                                                    const VisionOptions& options);

}  // namespace sightline::cli
