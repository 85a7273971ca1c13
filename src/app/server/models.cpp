#include "app/server/models.h"

#include <chrono>

namespace sightline::server {

Result<Models::Loaded> Models::load(const inference::ModelStore& store,
                                    const inference::RuntimeOptions& options, const std::stop_token& stop) {
  Loaded loaded;
  loaded.runtime = TRY(inference::Runtime::create(options));
  inference::Runtime& runtime = *loaded.runtime;
  const auto fill = [&stop](auto& slot, auto create) {
    if (stop.stop_requested()) {
      slot = fail(ErrorKind::unavailable, "the server is stopping");
    } else {
      slot = create();
    }
  };
  // Pictures get one look each: not in 8 bits, which misses some of the faces of 12 pixels.
  fill(loaded.faces, [&] {
    return analysis::FaceDetector::create(runtime, store, analysis::FaceDetector::kUsualModel,
                                          inference::ModelForm::plain);
  });
  fill(loaded.recogniser, [&] { return faces::FaceRecogniser::create(runtime, store); });
  fill(loaded.mesher, [&] { return faces::FaceMesher::create(runtime, store); });
  fill(loaded.eyes, [&] { return faces::EyeReader::create(runtime, store); });
  if (!loaded.mesher || !loaded.eyes) {
    loaded.analyser = std::unexpected((loaded.mesher ? loaded.eyes.error() : loaded.mesher.error()));
  } else {
    loaded.analyser = std::make_unique<faces::FaceAnalyser>(**loaded.mesher, **loaded.eyes);
  }
  fill(loaded.objects, [&] { return objects::ObjectDetector::create(runtime, store); });
  fill(loaded.unsafe_content, [&] { return objects::UnsafeContentDetector::create(runtime, store); });
  return loaded;
}

Models::Models(inference::ModelStore store, inference::RuntimeOptions options) {
  std::promise<std::shared_ptr<Result<Loaded>>> promise;
  loaded_ = promise.get_future().share();
  loader_ = std::jthread([promise = std::move(promise), store = std::move(store),
                          options = std::move(options)](const std::stop_token& stop) mutable {
    promise.set_value(std::make_shared<Result<Loaded>>(load(store, options, stop)));
  });
}

Models::~Models() = default;

bool Models::stop(std::chrono::milliseconds patience) {
  loader_.request_stop();
  if (loaded_.wait_for(patience) == std::future_status::ready) return true;
  loader_.detach();
  return false;
}

void Models::finish() {
  loader_.request_stop();
  loaded_.wait();
}

template <typename Model>
Result<Model*> Models::wait_for(Slot<Model> Loaded::* model) {
  const auto loaded = loaded_.get();
  if (!*loaded) return std::unexpected(loaded->error());
  const Slot<Model>& slot = (**loaded).*model;
  if (!slot) return std::unexpected(slot.error());
  return slot->get();
}

Result<analysis::FaceDetector*> Models::faces() {
  return wait_for(&Loaded::faces);
}

Result<const faces::FaceAnalyser*> Models::analyser() {
  return wait_for(&Loaded::analyser);
}

Result<faces::FaceRecogniser*> Models::recogniser() {
  return wait_for(&Loaded::recogniser);
}

Result<objects::ObjectDetector*> Models::objects() {
  return wait_for(&Loaded::objects);
}

Result<objects::UnsafeContentDetector*> Models::unsafe_content() {
  return wait_for(&Loaded::unsafe_content);
}

std::string Models::state() const {
  if (loaded_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return "loading";
  const auto loaded = loaded_.get();
  if (!*loaded) return loaded->error().message;
  std::string missing;
  const auto look = [&](const auto& slot) {
    if (!slot && missing.empty()) missing = slot.error().message;
  };
  look((*loaded)->faces);
  look((*loaded)->recogniser);
  look((*loaded)->analyser);
  look((*loaded)->objects);
  look((*loaded)->unsafe_content);
  return missing.empty() ? "ready" : missing;
}

}  // namespace sightline::server
