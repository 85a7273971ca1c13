#pragma once
// The runtime, the models and the demo pictures that ./sightline setup fetches, for tests that really look.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>

#include "base/file.h"
#include "sight/inference/model_store.h"
#include "sight/inference/session.h"
#include "sight/media/picture.h"

namespace sightline::analysis::testing {

inline std::filesystem::path environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// "astronaut.png" is NASA's portrait of Eileen Collins, 512x512, public domain.
inline media::Picture demo_picture(const char* name) {
  const auto path = environment("SIGHTLINE_CACHE") / "demo" / name;
  const auto bytes = read_file(path, 4 << 20);
  EXPECT_TRUE(bytes) << bytes.error().message;
  auto picture = media::Picture::decode(bytes.value_or(Bytes{}), path.string());
  EXPECT_TRUE(picture) << picture.error().message;
  return std::move(picture).value();
}

inline media::RgbImage demo_image(const char* name) {
  const media::Picture picture = demo_picture(name);
  return picture.to_rgb(picture.displayed_size());
}

/// One runtime and one store a test.
class ModelTest : public ::testing::Test {
 protected:
  void SetUp() override {
    inference::RuntimeOptions options;
    options.threads = 1;
    options.slots = 1;
    options.cache_folder = environment("SIGHTLINE_CACHE") / "compiled";
    auto runtime = inference::Runtime::create(options);
    ASSERT_TRUE(runtime) << runtime.error().message;
    runtime_ = std::move(*runtime);
    auto store = inference::ModelStore::open({environment("SIGHTLINE_MODELS")},
                                             {environment("SIGHTLINE_CACHE") / "models"});
    ASSERT_TRUE(store) << store.error().message;
    store_ = std::move(*store);
  }

  std::unique_ptr<inference::Runtime> runtime_;
  inference::ModelStore store_;
};

}  // namespace sightline::analysis::testing
