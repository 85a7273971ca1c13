#pragma once
// Finds faces in a picture: boxes, calibrated confidence, five landmarks.
//
// CenterFace (Xu et al., "CenterFace: Joint Face Detection and Alignment Using Face as Point", 2019) through
// sight/inference, at one input size (fast, balanced) or several sizes and tiles (thorough).

#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "sight/inference/model_store.h"
#include "sight/inference/session.h"
#include "sight/media/raster.h"

namespace sightline::analysis {

struct Face {
  media::Box box;        ///< pixels of the displayed picture
  float score = 0;       ///< the network's raw output, 0..1
  float confidence = 0;  ///< calibrated: the share of such detections that are faces, 0..1
  std::array<media::Point, 5>
      landmarks;  ///< left eye, right eye, nose, left and right mouth corner (viewer's left)
};

enum class Scope { fast, balanced, thorough };
[[nodiscard]] Result<Scope> parse_scope(std::string_view name);
[[nodiscard]] std::string_view scope_name(Scope scope);

/// Something that can show the same displayed picture as RGB at any size: a Picture or a VideoFrame.
/// `crop` is a part of the displayed picture in its own pixels; `size` what it is scaled to.
class PictureSource {
 public:
  virtual ~PictureSource() = default;
  [[nodiscard]] virtual media::Size size() const = 0;  ///< displayed, in pixels
  [[nodiscard]] virtual float pixel_aspect() const {
    return 1.0F;
  }  ///< width of a displayed pixel over its height
  [[nodiscard]] virtual Result<media::RgbImage> rgb(media::Size size) const = 0;
};

struct DetectorOptions {
  Scope scope = Scope::balanced;
  float min_score = 0.2F;  ///< raw; detections below are not returned
  /// The longest side, in square pixels, that balanced and fast reduce a picture to; 0 = the scope's own
  /// choice.
  int max_side = 0;
  /// Such a look is taken now and then between others: the runtime's memory is given back before and after
  /// it, so that the two do not add up.
  bool occasional = false;
};

/// Scope's default options for pictures and for the frames of a clip (which afford less).
[[nodiscard]] DetectorOptions picture_options(Scope scope);
[[nodiscard]] DetectorOptions clip_options(Scope scope);

/// Thread-safe: calls share the sessions' leases. Deterministic for one machine, thread count and model.
class FaceDetector {
 public:
  static constexpr std::string_view kUsualModel = "centerface";

  /// In this form of the model; under ModelForm::quantised the plain one, where there is no other.
  static Result<std::unique_ptr<FaceDetector>> create(inference::Runtime& runtime,
                                                      const inference::ModelStore& models,
                                                      std::string_view model, inference::ModelForm form);
  /// In the form that the runtime prefers.
  static Result<std::unique_ptr<FaceDetector>> create(inference::Runtime& runtime,
                                                      const inference::ModelStore& models,
                                                      std::string_view model = kUsualModel) {
    return create(runtime, models, model, runtime.preferred_form());
  }
  /// With weights that the caller has verified.
  static Result<std::unique_ptr<FaceDetector>> create(inference::Runtime& runtime,
                                                      inference::ModelManifest model,
                                                      std::filesystem::path weights);
  virtual ~FaceDetector() = default;

  /// Faces above options.min_score after non-maximum suppression, best first.
  [[nodiscard]] virtual Result<std::vector<Face>> detect(const PictureSource& picture,
                                                         const DetectorOptions& options) = 0;
  /// Opens every session that detect() asks for in a picture of this size, so that it needs no files any
  /// more. A detector without sessions has nothing to do here.
  [[nodiscard]] virtual Result<void> make_ready(media::Size /*size*/, float /*pixel_aspect*/,
                                                const DetectorOptions& /*options*/) {
    return {};
  }
  /// "centerface 1.5.0 sha256:0918... bf16": for reports, tracks files and the journal's key.
  [[nodiscard]] virtual std::string identity() const = 0;
};

}  // namespace sightline::analysis
