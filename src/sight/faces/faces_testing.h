#pragma once
// The runtime, the models and a portrait for the tests of this folder.

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "base/file.h"
#include "sight/inference/model_store.h"
#include "sight/inference/session.h"
#include "sight/media/picture.h"

namespace sightline::faces::testing {

inline std::filesystem::path environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// NASA's portrait of Eileen Collins, 512x512, public domain, which ./sightline setup fetches.
inline media::RgbImage portrait() {
  const auto path = environment("SIGHTLINE_CACHE") / "demo" / "astronaut.png";
  const auto bytes = read_file(path, 4 << 20);
  EXPECT_TRUE(bytes) << bytes.error().message;
  auto picture = media::decode_rgb(bytes.value_or(Bytes{}), path.string());
  EXPECT_TRUE(picture) << picture.error().message;
  return std::move(picture).value();
}

/// The portrait's eyes, nose and corners of the mouth, measured by eye.
inline constexpr std::array<media::Point, 5> kPortraitPoints = {
    {{203, 100}, {248, 102}, {225, 120}, {206, 145}, {243, 145}}};

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
    store_ = std::make_unique<inference::ModelStore>(std::move(*store));
  }

  std::unique_ptr<inference::Runtime> runtime_;
  std::unique_ptr<inference::ModelStore> store_;
};

}  // namespace sightline::faces::testing
