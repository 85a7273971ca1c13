#pragma once
// The models behind the API, loaded in the background: the port answers before they are there.

#include <future>
#include <memory>
#include <string_view>
#include <thread>

#include "aws/rekognition/vision.h"
#include "sight/analysis/face_detector.h"
#include "sight/inference/model_store.h"
#include "sight/inference/session.h"

namespace sightline::server {

/// Thread-safe. Callers wait until what they ask for is loaded.
class Models final : public aws::rekognition::Vision {
 public:
  /// Begins to load.
  Models(inference::ModelStore store, inference::RuntimeOptions options);

  [[nodiscard]] Result<analysis::FaceDetector*> faces() override;
  [[nodiscard]] Result<const faces::FaceAnalyser*> analyser() override;
  [[nodiscard]] Result<faces::FaceRecogniser*> recogniser() override;
  [[nodiscard]] Result<objects::ObjectDetector*> objects() override;
  [[nodiscard]] Result<objects::UnsafeContentDetector*> unsafe_content() override;
  /// Until all of them are loaded, or cannot be.
  void wait() const { loaded_.wait(); }
  /// "loading", "ready", or what is wrong.
  [[nodiscard]] std::string state() const;

 private:
  template <typename Model>
  using Slot = Result<std::unique_ptr<Model>>;
  /// A model that is missing keeps no other from its work.
  struct Loaded {
    std::unique_ptr<inference::Runtime> runtime;
    Slot<analysis::FaceDetector> faces;
    Slot<faces::FaceMesher> mesher;
    Slot<faces::EyeReader> eyes;
    Slot<faces::FaceAnalyser> analyser;
    Slot<faces::FaceRecogniser> recogniser;
    Slot<objects::ObjectDetector> objects;
    Slot<objects::UnsafeContentDetector> unsafe_content;
  };
  template <typename Model>
  [[nodiscard]] Result<Model*> wait_for(Slot<Model> Loaded::* model);
  [[nodiscard]] static Result<Loaded> load(const inference::ModelStore& store,
                                           const inference::RuntimeOptions& options);

  std::shared_future<std::shared_ptr<Result<Loaded>>> loaded_;  // shared with the thread that fills it
  std::jthread loader_;
};

}  // namespace sightline::server
