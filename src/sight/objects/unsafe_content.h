#pragma once
// Whether a picture is unsafe to show: what of Rekognition's moderation taxonomy (version 7) can be
// recognised.
//
// open_nsfw (Yahoo, 2016), a ResNet that answers one question: is this a pornographic picture? Everything
// else of the taxonomy (violence, drugs, symbols of hate, swimwear, ...) is not looked for.

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sight/analysis/face_detector.h"
#include "sight/inference/model_store.h"
#include "sight/inference/session.h"

namespace sightline::objects {

struct UnsafeLabel {
  std::string_view name;    ///< "Explicit Nudity"
  std::string_view parent;  ///< "Explicit"; empty at level 1
  int level = 1;
  float confidence = 0;  ///< 0..1: the network's own score, not calibrated
};

/// Thread-safe.
class UnsafeContentDetector {
 public:
  static Result<std::unique_ptr<UnsafeContentDetector>> create(inference::Runtime& runtime,
                                                               const inference::ModelStore& models,
                                                               std::string_view model = "open-nsfw");
  /// With weights that the caller has verified.
  static Result<std::unique_ptr<UnsafeContentDetector>> create(inference::Runtime& runtime,
                                                               inference::ModelManifest model,
                                                               std::filesystem::path weights);
  virtual ~UnsafeContentDetector() = default;

  /// 0..1; the authors call pictures below 0.2 safe and above 0.8 unsafe.
  [[nodiscard]] virtual Result<float> score(const analysis::PictureSource& picture) = 0;
};

/// The labels that follow from the score, the more general first; none below `min_confidence`.
[[nodiscard]] std::vector<UnsafeLabel> unsafe_labels(float score, float min_confidence);

}  // namespace sightline::objects
