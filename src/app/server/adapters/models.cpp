#include "app/server/adapters/models.h"

#include <chrono>

namespace sightline::server {

Result<Models::Loaded> Models::load(const inference::ModelStore& store,
                                    const inference::RuntimeOptions& options, const std::stop_token& stop) {
  Loaded loaded;
  models::ModelSetOptions own;
  own.runtime = options;
  loaded.set = TRY(models::ModelSet::open(store, own));
  models::ModelSet& set = *loaded.set;
  const auto fill = [&stop](auto& slot, auto open) {
    if (stop.stop_requested()) {
      slot = fail(ErrorKind::unavailable, "the server is stopping");
    } else {
      slot = open();
    }
  };
  fill(loaded.faces, [&] { return set.picture_detector(); });
  fill(loaded.recogniser, [&] { return set.recogniser(); });
  fill(loaded.mesher, [&] { return set.mesher(); });
  fill(loaded.analyser, [&] { return set.analyser(); });
  fill(loaded.objects, [&] { return set.objects(); });
  fill(loaded.unsafe_content, [&] { return set.unsafe_content(); });
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
Result<Model*> Models::wait_for(Result<Model*> Loaded::* model) {
  const auto loaded = loaded_.get();
  if (!*loaded) return std::unexpected(loaded->error());
  return (**loaded).*model;
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
