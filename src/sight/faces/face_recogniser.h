#pragma once
// A face as a vector, so that faces of one person lie close together.
//
// dlib's face recognition network (King, "High Quality Face Recognition with Deep Metric Learning", 2017; a
// ResNet of 29 convolutions) through sight/inference. The face is brought to its canonical place by the
// detector's five points; the vectors of the chip and of its mirror image are added and scaled to length 1.

#include <array>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "sight/analysis/face_detector.h"
#include "sight/inference/model_store.h"
#include "sight/inference/session.h"
#include "sight/media/raster.h"

namespace sightline::faces {

inline constexpr std::size_t kFaceDimensions = 128;
/// Of length 1: the inner product of two is their cosine.
using FaceVector = std::array<float, kFaceDimensions>;
using FaceVectorView = std::span<const float, kFaceDimensions>;

/// The inner product, -1..1. Summed in an order of its own, not to be compared bit by bit with another's.
[[nodiscard]] float cosine(FaceVectorView a, FaceVectorView b);

/// Thread-safe: calls share the session's leases.
class FaceRecogniser {
 public:
  static Result<std::unique_ptr<FaceRecogniser>> create(inference::Runtime& runtime,
                                                        const inference::ModelStore& models,
                                                        std::string_view model = "dlib-resnet");
  /// With weights that the caller has verified.
  static Result<std::unique_ptr<FaceRecogniser>> create(inference::Runtime& runtime,
                                                        inference::ModelManifest model,
                                                        std::filesystem::path weights);
  virtual ~FaceRecogniser() = default;

  /// Opens its session, for a process that may open no file later. A recogniser without one has nothing to do
  /// here.
  [[nodiscard]] virtual Result<void> make_ready() { return {}; }

  /// `picture` as displayed, `landmarks` in its pixels, in the order of analysis::Face. Faces from some 20
  /// pixels between the eyes give their best; smaller ones still give a vector. Errors: invalid_argument,
  /// when the points are all in one place.
  [[nodiscard]] virtual Result<FaceVector> embed(const media::RgbImage& picture,
                                                 const std::array<media::Point, 5>& landmarks) = 0;

  /// "dlib-resnet 0.3.0 sha256:0123456789abcdef unit": vectors are comparable only under the same. To be
  /// stored with every vector. The machine's precision is not part of it: it moves a vector far less than
  /// another photo does.
  [[nodiscard]] virtual const std::string& model_id() const = 0;
  /// "0.3.0": what FaceModelVersion may say.
  [[nodiscard]] virtual const std::string& model_version() const = 0;

  /// What the wire calls Similarity, 0..100, rising with the cosine. Calibrated by the manifest: 80, 90, 95
  /// and 99 are exceeded by 1, 0.3, 0.1 and 0.01 in a thousand pairs of different people (docs/accuracy.md).
  [[nodiscard]] virtual float similarity(float cosine) const = 0;
  /// The smallest cosine whose similarity is at least `similarity` (0..100); above 1 when none is. What a
  /// search compares with.
  [[nodiscard]] virtual float cosine_of(float similarity) const = 0;
};

}  // namespace sightline::faces
