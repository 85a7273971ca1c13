#include "sight/objects/object_detector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <thread>

#include "base/file.h"
#include "sight/analysis/model_testing.h"
#include "sight/analysis/picture_sources.h"
#include "sight/objects/unsafe_content.h"

namespace sightline::objects {
namespace {

using analysis::testing::demo_image;
using PicturesTest = analysis::testing::ModelTest;

class ObjectDetectorTest : public PicturesTest {
 protected:
  void SetUp() override {
    PicturesTest::SetUp();
    auto detector = ObjectDetector::create(*runtime_, store_);
    ASSERT_TRUE(detector) << detector.error().message;
    detector_ = std::move(*detector);
  }

  [[nodiscard]] std::vector<Object> detect(const media::RgbImage& image) {
    auto objects = detector_->detect(analysis::RgbSource(image), ObjectOptions{});
    EXPECT_TRUE(objects) << objects.error().message;
    return objects.value_or(std::vector<Object>{});
  }

  std::unique_ptr<ObjectDetector> detector_;
};

TEST_F(ObjectDetectorTest, FindsTheCupOnTheTable) {
  const media::RgbImage coffee = demo_image("coffee.png");  // 600x400, the cup in its middle
  const auto objects = detect(coffee);
  ASSERT_FALSE(objects.empty());
  EXPECT_EQ(kClassNames.at(static_cast<std::size_t>(objects.front().kind)), "cup");
  EXPECT_GT(objects.front().confidence, 0.8F);
  // Measured by eye, without the saucer.
  EXPECT_GT(media::iou(objects.front().box, {172, 18, 242, 267}), 0.6F);
  for (const Object& object : objects) {
    EXPECT_GE(object.box.x, 0);
    EXPECT_GE(object.presence, object.confidence);
    EXPECT_LE(object.box.right(), 600.01F);
    EXPECT_LE(object.box.bottom(), 400.01F);
  }
}

TEST_F(ObjectDetectorTest, FindsOnePersonInAPortrait) {
  const auto objects = detect(demo_image("astronaut.png"));
  const auto sure = std::ranges::count_if(
      objects, [](const Object& o) { return o.kind == kPerson && o.confidence >= 0.55F; });
  EXPECT_EQ(sure, 1);
  EXPECT_EQ(objects.front().kind, kPerson);
  EXPECT_GT(objects.front().presence, 0.8F);
  EXPECT_GT(objects.front().box.height, 400);
}

TEST_F(ObjectDetectorTest, FindsNothingSureInAnEvenPicture) {
  const media::RgbImage gray{{200, 120}, std::vector<std::uint8_t>(200 * 120 * 3, 128)};
  for (const Object& object : detect(gray)) EXPECT_LT(object.confidence, 0.5F);
}

TEST_F(ObjectDetectorTest, ThreadsGetTheSameAnswer) {
  const media::RgbImage coffee = demo_image("coffee.png");
  std::array<std::vector<Object>, 3> answers;
  {
    std::vector<std::jthread> threads;
    for (auto& answer : answers) threads.emplace_back([&] { answer = detect(coffee); });
  }
  for (const auto& answer : answers) {
    ASSERT_EQ(answer.size(), answers[0].size());
    EXPECT_EQ(answer.front().box, answers[0].front().box);
  }
}

TEST_F(ObjectDetectorTest, ModelsOfAnotherKindAreRefused) {
  const auto detector = ObjectDetector::create(*runtime_, store_, "centerface");
  ASSERT_FALSE(detector);
  EXPECT_EQ(detector.error().kind, ErrorKind::unsupported);
  EXPECT_THAT(detector_->identity(), testing::StartsWith("ssdlite-coco 1.0.6 sha256:"));
  EXPECT_FALSE(detector_->detect(analysis::RgbSource(media::RgbImage{}), ObjectOptions{}));
}

class UnsafeContentTest : public PicturesTest {};

TEST_F(UnsafeContentTest, PortraitsAndCoffeeAreSafe) {
  const auto detector = UnsafeContentDetector::create(*runtime_, store_);
  ASSERT_TRUE(detector) << detector.error().message;
  for (const char* name : {"astronaut.png", "coffee.png"}) {
    const auto score = (*detector)->score(analysis::RgbSource(demo_image(name)));
    ASSERT_TRUE(score) << score.error().message;
    EXPECT_LT(*score, 0.1F) << name;
    EXPECT_GT(*score, 0) << name;
  }
}

/// Not what a picture is, but that its colours arrive in the order and range that the network learned: skin
/// is what it looks for most.
TEST_F(UnsafeContentTest, SkinColourRaisesTheScore) {
  const auto detector = UnsafeContentDetector::create(*runtime_, store_);
  ASSERT_TRUE(detector) << detector.error().message;
  const auto of_color = [&](std::array<std::uint8_t, 3> color) {
    media::RgbImage image{{64, 64}, {}};
    for (int i = 0; i < 64 * 64; ++i) image.pixels.insert(image.pixels.end(), color.begin(), color.end());
    return (*detector)->score(analysis::RgbSource(image)).value_or(-1);
  };
  EXPECT_GT(of_color({224, 172, 140}), 2 * of_color({140, 172, 224}));
}

TEST(UnsafeLabelsTest, TheMoreGeneralLabelComesFirst) {
  const auto labels = unsafe_labels(0.7F, 0.5F);
  ASSERT_EQ(labels.size(), 2U);
  EXPECT_EQ(labels[0].name, "Explicit");
  EXPECT_EQ(labels[0].level, 1);
  EXPECT_EQ(labels[1].name, "Explicit Nudity");
  EXPECT_EQ(labels[1].parent, "Explicit");
  EXPECT_EQ(labels[1].level, 2);
  EXPECT_FLOAT_EQ(labels[1].confidence, 0.7F);
  EXPECT_TRUE(unsafe_labels(0.49F, 0.5F).empty());
}

}  // namespace
}  // namespace sightline::objects
