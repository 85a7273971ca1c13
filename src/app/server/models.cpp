#include "app/server/models.h"

#include <chrono>

namespace sightline::server {

Result<Models::Loaded> Models::load(const inference::ModelStore& store,
                                    const inference::RuntimeOptions& options) {
  Loaded loaded;
  loaded.runtime = TRY(inference::Runtime::create(options));
  loaded.faces = TRY(analysis::FaceDetector::create(*loaded.runtime, store));
  loaded.mesher = TRY(faces::FaceMesher::create(*loaded.runtime, store));
  loaded.eyes = TRY(faces::EyeReader::create(*loaded.runtime, store));
  loaded.analyser = std::make_unique<faces::FaceAnalyser>(*loaded.mesher, *loaded.eyes);
  loaded.recogniser = TRY(faces::FaceRecogniser::create(*loaded.runtime, store));
  return loaded;
}

Models::Models(inference::ModelStore store, inference::RuntimeOptions options) {
  std::promise<std::shared_ptr<Result<Loaded>>> promise;
  loaded_ = promise.get_future().share();
  loader_ = std::jthread(
      [promise = std::move(promise), store = std::move(store), options = std::move(options)]() mutable {
        promise.set_value(std::make_shared<Result<Loaded>>(load(store, options)));
      });
}

Result<analysis::FaceDetector*> Models::faces() {
  const auto loaded = loaded_.get();
  if (!*loaded) return std::unexpected(loaded->error());
  return (*loaded)->faces.get();
}

Result<const faces::FaceAnalyser*> Models::analyser() {
  const auto loaded = loaded_.get();
  if (!*loaded) return std::unexpected(loaded->error());
  return (*loaded)->analyser.get();
}

Result<faces::FaceRecogniser*> Models::recogniser() {
  const auto loaded = loaded_.get();
  if (!*loaded) return std::unexpected(loaded->error());
  return (*loaded)->recogniser.get();
}

std::string Models::state() const {
  if (loaded_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return "loading";
  const auto loaded = loaded_.get();
  return *loaded ? "ready" : loaded->error().message;
}

}  // namespace sightline::server
