#include "sight/analysis/face_detector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <thread>
#include <utility>

#include "base/file.h"
#include "sight/analysis/model_testing.h"
#include "sight/analysis/picture_sources.h"

namespace sightline::analysis {
namespace {

/// The face in the portrait, from hairline to chin, measured by eye.
constexpr media::Box kPortraitFace{178, 62, 92, 122};

class FaceDetectorTest : public testing::ModelTest {
 protected:
  void SetUp() override {
    ModelTest::SetUp();
    auto detector = FaceDetector::create(*runtime_, store_);
    ASSERT_TRUE(detector) << detector.error().message;
    detector_ = std::move(*detector);
  }

  static media::Picture portrait() { return testing::demo_picture("astronaut.png"); }

  std::unique_ptr<FaceDetector> detector_;
};

TEST_F(FaceDetectorTest, FindsNothingInAnEvenPicture) {
  media::RgbImage gray{{200, 120}, std::vector<std::uint8_t>(200 * 120 * 3, 128)};
  const auto faces = detector_->detect(RgbSource(gray), picture_options(Scope::balanced));
  ASSERT_TRUE(faces) << faces.error().message;
  EXPECT_TRUE(faces->empty());
}

TEST_F(FaceDetectorTest, FindsTheFaceOfAPortraitWithItsLandmarks) {
  const media::Picture picture = portrait();
  for (const Scope scope : {Scope::fast, Scope::balanced}) {
    const auto faces = detector_->detect(StillSource(picture), picture_options(scope));
    ASSERT_TRUE(faces) << faces.error().message;
    ASSERT_EQ(faces->size(), 1U) << scope_name(scope);
    const Face& face = faces->front();
    EXPECT_GT(media::iou(face.box, kPortraitFace), 0.6F);
    EXPECT_GT(face.confidence, 0.9F);
    const std::array<media::Point, 5> truth{{{203, 100}, {248, 102}, {225, 120}, {206, 145}, {243, 145}}};
    for (std::size_t k = 0; k < truth.size(); ++k) {
      EXPECT_NEAR(face.landmarks[k].x, truth[k].x, 10) << k;
      EXPECT_NEAR(face.landmarks[k].y, truth[k].y, 10) << k;
    }
  }
}

TEST_F(FaceDetectorTest, ThoroughFindsAFaceOfTwelvePixels) {
  const media::Picture picture = portrait();
  const float scale = 12 / kPortraitFace.height;
  const int side = static_cast<int>(std::lround(512 * scale));
  const media::RgbImage small = picture.to_rgb({side, side});
  const auto faces = detector_->detect(RgbSource(small), picture_options(Scope::thorough));
  ASSERT_TRUE(faces) << faces.error().message;
  ASSERT_FALSE(faces->empty());
  const media::Box truth{kPortraitFace.x * scale, kPortraitFace.y * scale, kPortraitFace.width * scale,
                         kPortraitFace.height * scale};
  EXPECT_GT(media::iou(faces->front().box, truth), 0.5F);
}

TEST_F(FaceDetectorTest, FindsAFaceThatFillsThePicture) {
  const media::Picture picture = portrait();
  const float side = kPortraitFace.height / 0.9F;
  const media::Point center = kPortraitFace.center();
  const media::Box area{center.x - side / 2, center.y - side / 2, side, side};
  const media::RgbImage large = cropped(picture.to_rgb({512, 512}), area, {800, 800});
  for (const Scope scope : {Scope::fast, Scope::balanced}) {
    const auto faces = detector_->detect(RgbSource(large), picture_options(scope));
    ASSERT_TRUE(faces) << faces.error().message;
    ASSERT_FALSE(faces->empty());
    EXPECT_GT(faces->front().box.height, 540);  // three quarters of it
  }
}

TEST_F(FaceDetectorTest, ThreadsGetTheSameAnswer) {
  const media::RgbImage image = portrait().to_rgb({256, 256});
  std::array<std::vector<Face>, 3> answers;
  {
    std::vector<std::jthread> threads;
    for (auto& answer : answers)
      threads.emplace_back([&] {
        auto faces = detector_->detect(RgbSource(image), picture_options(Scope::balanced));
        if (faces) answer = std::move(*faces);
      });
  }
  ASSERT_EQ(answers[0].size(), 1U);
  for (const auto& answer : answers) {
    ASSERT_EQ(answer.size(), 1U);
    EXPECT_EQ(answer[0].box, answers[0][0].box);
    EXPECT_EQ(answer[0].score, answers[0][0].score);
  }
}

/// Notes the inputs that sessions are asked for.
class NotingRuntime final : public inference::Runtime {
 public:
  explicit NotingRuntime(inference::Runtime& real) : real_(real) {}
  Result<std::shared_ptr<inference::Session>> rgb_session(const std::filesystem::path& model,
                                                          const std::string& sha256, int width, int height,
                                                          const inference::PictureInput& input) override {
    asked.insert({width, height});
    return real_.rgb_session(model, sha256, width, height, input);
  }
  Result<void> keep_in_memory(const std::filesystem::path& model) override {
    return real_.keep_in_memory(model);
  }
  void release_memory() override { real_.release_memory(); }
  inference::Precision precision() const override { return real_.precision(); }
  inference::ModelForm preferred_form() const override { return inference::ModelForm::plain; }
  bool has_exact_int8() const override { return real_.has_exact_int8(); }
  int threads() const override { return real_.threads(); }
  std::string version() const override { return real_.version(); }

  std::set<std::pair<int, int>> asked;

 private:
  inference::Runtime& real_;
};

TEST_F(FaceDetectorTest, WhatIsMadeReadyIsWhatIsAskedFor) {
  NotingRuntime runtime(*runtime_);
  auto detector = FaceDetector::create(runtime, store_);
  ASSERT_TRUE(detector);
  for (const media::Size size : {media::Size{720, 405}, {200, 300}}) {
    runtime.asked.clear();
    ASSERT_TRUE((*detector)->make_ready(size, 1, clip_options(Scope::balanced)));
    const auto ready = std::exchange(runtime.asked, {});
    EXPECT_EQ(ready.size(), size.width > 640 ? 2U : 1U);
    const media::RgbImage gray{
        size, std::vector<std::uint8_t>(static_cast<std::size_t>(size.width) * size.height * 3, 128)};
    ASSERT_TRUE((*detector)->detect(RgbSource(gray), clip_options(Scope::balanced)));
    EXPECT_EQ(runtime.asked, ready);
  }
}

TEST_F(FaceDetectorTest, IdentityTellsModelWeightsAndPrecision) {
  const auto identity_in = [&](inference::Precision precision) {
    const auto runtime = inference::Runtime::create({precision, 1, 1, {}});
    return FaceDetector::create(**runtime, store_).value()->identity();
  };
  EXPECT_EQ(identity_in(inference::Precision::fp32), "centerface 1.5.0 sha256:09189deaaf8646c5 fp32");
  EXPECT_EQ(identity_in(inference::Precision::bf16), "centerface 1.5.0 sha256:09189deaaf8646c5 bf16");
  EXPECT_THAT(
      identity_in(inference::Precision::int8),
      ::testing::AllOf(::testing::StartsWith("centerface-int8 1.5.0 sha256:"), ::testing::EndsWith(" int8")));
}

TEST_F(FaceDetectorTest, PicturesWithoutPixelsAreRefused) {
  const media::RgbImage nothing;
  const auto faces = detector_->detect(RgbSource(nothing), picture_options(Scope::balanced));
  ASSERT_FALSE(faces);
  EXPECT_EQ(faces.error().kind, ErrorKind::invalid_argument);
}

TEST(ScopeTest, NamesAreReadBack) {
  for (const Scope scope : {Scope::fast, Scope::balanced, Scope::thorough})
    EXPECT_EQ(*parse_scope(scope_name(scope)), scope);
  const auto unknown = parse_scope("deep");
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, ::testing::HasSubstr("thorough"));
}

TEST_F(FaceDetectorTest, InBytesItFindsTheSameFaceAtTheSamePlace) {
  bool exact = false;
  const auto found_in = [&](inference::Precision precision) {
    const auto runtime =
        inference::Runtime::create({precision, 1, 1, testing::environment("SIGHTLINE_CACHE") / "compiled"});
    exact = (*runtime)->has_exact_int8();
    const auto detector = FaceDetector::create(**runtime, store_);
    EXPECT_TRUE(detector) << detector.error().message;
    EXPECT_EQ((*detector)->identity().ends_with(" int8"), precision == inference::Precision::int8);
    return (*detector)
        ->detect(RgbSource(testing::demo_image("astronaut.png")), picture_options(Scope::balanced))
        .value();
  };
  const auto plain = found_in(inference::Precision::fp32);
  const auto bytes = found_in(inference::Precision::int8);
  ASSERT_EQ(plain.size(), 1U);
  ASSERT_EQ(bytes.size(), 1U);
  // What each path promises: where 8-bit sums are exact, the same box; where they saturate, the same face.
  EXPECT_GT(media::iou(plain[0].box, bytes[0].box), exact ? 0.9F : 0.8F);
  EXPECT_NEAR(plain[0].score, bytes[0].score, exact ? 0.05F : 0.15F);
}

}  // namespace
}  // namespace sightline::analysis
