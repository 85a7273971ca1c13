#pragma once
// Finds things in a picture: people, phones, cars, ... with boxes and calibrated confidence.
//
// SSDLite MobileNetV2 through sight/inference, over the whole picture at two input sizes: the small one sees
// large things, the larger one small things.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "sight/analysis/face_detector.h"
#include "sight/inference/model_store.h"
#include "sight/inference/session.h"
#include "sight/objects/coco_classes.h"

namespace sightline::objects {

struct Object {
  int kind = 0;          ///< index of kClassNames
  media::Box box;        ///< pixels of the displayed picture, inside it
  float score = 0;       ///< the network's raw output, 0..1
  float confidence = 0;  ///< calibrated: the share of such boxes that are right, 0..1
  /// Calibrated: the share of pictures with such a detection that hold a thing of this kind, wherever; 0..1
  /// and never below `confidence`. Of the best detection of its kind: the others say less.
  float presence = 0;
};

/// One pass of the network over the whole picture, stretched to `input`.
struct NetworkPass {
  media::Size input;
  /// Of the picture's width and height: whoever has a longer side is not this pass's to report, since the
  /// network was made for objects that are large at 300x300 and sees parts of them at more.
  float max_side = 1;
};

/// Mobile phones are small where they matter: a further pass at a larger size finds more of them.
enum class PhonePass { none, whole_picture };

struct ObjectOptions {
  float min_score = 0.1F;  ///< raw; detections below are not returned
  PhonePass phones = PhonePass::whole_picture;
  std::vector<NetworkPass> passes{{{300, 300}, 1}, {{640, 480}, 0.5F}};  ///< for everything
  NetworkPass phone_pass{{800, 600}, 0.5F};
};

/// Thread-safe: calls share the sessions' leases. Deterministic for one machine, thread count and model.
class ObjectDetector {
 public:
  static Result<std::unique_ptr<ObjectDetector>> create(inference::Runtime& runtime,
                                                        const inference::ModelStore& models,
                                                        std::string_view model = "ssdlite-coco");
  /// With weights that the caller has verified.
  static Result<std::unique_ptr<ObjectDetector>> create(inference::Runtime& runtime,
                                                        inference::ModelManifest model,
                                                        std::filesystem::path weights);
  virtual ~ObjectDetector() = default;

  /// Objects above options.min_score after non-maximum suppression, best first.
  [[nodiscard]] virtual Result<std::vector<Object>> detect(const analysis::PictureSource& picture,
                                                           const ObjectOptions& options) = 0;
  /// "ssdlite-coco 1.0.6 sha256:f274... bf16".
  [[nodiscard]] virtual std::string identity() const = 0;
};

}  // namespace sightline::objects
