#pragma once
// The models behind the API, loaded in the background: the port answers before they are there.

#include <chrono>
#include <future>
#include <memory>
#include <stop_token>
#include <string_view>
#include <thread>

#include "aws/rekognition/vision.h"
#include "sight/models/model_set.h"

namespace sightline::server {

/// Thread-safe. Callers wait until what they ask for is loaded.
class Models final : public aws::rekognition::Vision {
 public:
  /// Begins to load.
  Models(inference::ModelStore store, inference::RuntimeOptions options);
  /// Waits for what is being loaded, unless stop() has given up on it.
  ~Models() override;

  [[nodiscard]] Result<analysis::FaceDetector*> faces() override;
  [[nodiscard]] Result<const faces::FaceAnalyser*> analyser() override;
  [[nodiscard]] Result<faces::FaceRecogniser*> recogniser() override;
  [[nodiscard]] Result<objects::ObjectDetector*> objects() override;
  [[nodiscard]] Result<objects::UnsafeContentDetector*> unsafe_content() override;
  /// Begins to load no further model, and waits so long at most for the one that is being loaded: that cannot
  /// be interrupted. False: it is still being loaded. Then its thread is left to itself, which uses nothing
  /// of this object, and the process must end by std::_Exit(). Once, by the owner.
  [[nodiscard]] bool stop(std::chrono::milliseconds patience);
  /// The same, however long that takes: nothing is at work in the folder of compiled models afterwards.
  void finish();
  /// "loading", "ready", or what is wrong.
  [[nodiscard]] std::string state() const;

 private:
  /// A model that is missing keeps no other from its work.
  struct Loaded {
    std::unique_ptr<models::ModelSet> set;
    Result<analysis::FaceDetector*> faces;
    Result<faces::FaceMesher*> mesher;
    Result<const faces::FaceAnalyser*> analyser;
    Result<faces::FaceRecogniser*> recogniser;
    Result<objects::ObjectDetector*> objects;
    Result<objects::UnsafeContentDetector*> unsafe_content;
  };
  template <typename Model>
  [[nodiscard]] Result<Model*> wait_for(Result<Model*> Loaded::* model);
  [[nodiscard]] static Result<Loaded> load(const inference::ModelStore& store,
                                           const inference::RuntimeOptions& options,
                                           const std::stop_token& stop);

  std::shared_future<std::shared_ptr<Result<Loaded>>> loaded_;  // shared with the thread that fills it
  std::jthread loader_;
};

}  // namespace sightline::server
