#include "sight/analysis/face_detector.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "sight/analysis/picture_sources.h"

namespace sightline::analysis {
namespace {

std::filesystem::path environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

class FaceDetectorTest : public testing::Test {
 protected:
  void SetUp() override {
    inference::RuntimeOptions options;
    options.threads = 1;
    auto runtime = inference::Runtime::create(options);
    ASSERT_TRUE(runtime) << runtime.error().message;
    runtime_ = std::move(*runtime);
    auto store = inference::ModelStore::open({environment("SIGHTLINE_MODELS")},
                                             {environment("SIGHTLINE_CACHE") / "models"});
    ASSERT_TRUE(store) << store.error().message;
    auto detector = FaceDetector::create(*runtime_, *store);
    ASSERT_TRUE(detector) << detector.error().message;
    detector_ = std::move(*detector);
  }

  std::unique_ptr<inference::Runtime> runtime_;
  std::unique_ptr<FaceDetector> detector_;
};

TEST_F(FaceDetectorTest, FindsNothingInAnEvenPicture) {
  media::RgbImage gray{{200, 120}, std::vector<std::uint8_t>(200 * 120 * 3, 128)};
  const auto faces = detector_->detect(RgbSource(gray), picture_options(Scope::balanced));
  ASSERT_TRUE(faces) << faces.error().message;
  EXPECT_TRUE(faces->empty());
}

}  // namespace
}  // namespace sightline::analysis
