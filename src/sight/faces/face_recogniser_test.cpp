#include "sight/faces/face_recogniser.h"

#include <gmock/gmock.h>

#include <numeric>

#include "sight/faces/alignment.h"
#include "sight/faces/faces_testing.h"

namespace sightline::faces {
namespace {

using testing::kPortraitPoints;
using testing::portrait;

class FaceRecogniserTest : public testing::ModelTest {
 protected:
  void SetUp() override {
    ModelTest::SetUp();
    auto recogniser = FaceRecogniser::create(*runtime_, store_);
    ASSERT_TRUE(recogniser) << recogniser.error().message;
    recogniser_ = std::move(*recogniser);
  }

  FaceVector embed(const media::RgbImage& picture, const std::array<media::Point, 5>& points) {
    auto vector = recogniser_->embed(picture, points);
    EXPECT_TRUE(vector) << vector.error().message;
    return vector.value_or(FaceVector{});
  }

  std::unique_ptr<FaceRecogniser> recogniser_;
};

TEST_F(FaceRecogniserTest, AFaceIsItselfWhicheverWayThePictureIsTurnedScaledOrMirrored) {
  const media::RgbImage picture = portrait();
  const FaceVector vector = embed(picture, kPortraitPoints);
  EXPECT_NEAR(cosine(vector, vector), 1, 1e-4);

  // A quarter turn, half as large.
  const Placement to_picture{0, 2, 512, 0};
  const media::RgbImage turned = chip(picture, to_picture, 256);
  std::array<media::Point, 5> points;
  for (std::size_t i = 0; i < points.size(); ++i)
    points[i] = {kPortraitPoints[i].y / 2, (512 - kPortraitPoints[i].x) / 2};
  EXPECT_GT(recogniser_->similarity(cosine(vector, embed(turned, points))), 99.9F);

  std::array<media::Point, 5> swapped;
  for (std::size_t i = 0; i < swapped.size(); ++i)
    swapped[i] = {512 - kPortraitPoints[i].x, kPortraitPoints[i].y};
  std::swap(swapped[0], swapped[1]);
  std::swap(swapped[3], swapped[4]);
  EXPECT_GT(recogniser_->similarity(cosine(vector, embed(mirrored(picture), swapped))), 99.9F);
}

TEST_F(FaceRecogniserTest, WhatIsNoFaceIsNobody) {
  const media::RgbImage picture = portrait();
  const FaceVector vector = embed(picture, kPortraitPoints);
  std::array<media::Point, 5> elsewhere = kPortraitPoints;
  for (media::Point& point : elsewhere) point = {point.x + 150, point.y + 250};
  EXPECT_LT(recogniser_->similarity(cosine(vector, embed(picture, elsewhere))), 50);
}

TEST_F(FaceRecogniserTest, PointsInOnePlaceAndPicturesWithoutPixelsAreRefused) {
  std::array<media::Point, 5> same;
  same.fill({100, 100});
  const auto flat = recogniser_->embed(portrait(), same);
  ASSERT_FALSE(flat);
  EXPECT_EQ(flat.error().kind, ErrorKind::invalid_argument);
  const auto nothing = recogniser_->embed({}, kPortraitPoints);
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().kind, ErrorKind::invalid_argument);
}

TEST_F(FaceRecogniserTest, TheModelIdNamesTheWeightsAndHowVectorsAreScaled) {
  EXPECT_THAT(recogniser_->model_id(),
              ::testing::MatchesRegex("dlib-resnet 0\\.3\\.0 sha256:[0-9a-f]{16} unit"));
  EXPECT_EQ(recogniser_->model_version(), "0.3.0");
}

TEST_F(FaceRecogniserTest, SimilarityRisesWithTheCosineAndLeadsBack) {
  float last = -1;
  for (int i = -100; i <= 100; ++i) {
    const float similarity = recogniser_->similarity(static_cast<float>(i) / 100);
    EXPECT_GE(similarity, last);
    last = similarity;
  }
  EXPECT_FLOAT_EQ(recogniser_->similarity(1), 100);
  EXPECT_FLOAT_EQ(recogniser_->similarity(-1), 0);
  for (const float similarity : {0.0F, 1.0F, 50.0F, 80.0F, 87.3F, 99.0F, 99.95F, 100.0F}) {
    const float threshold = recogniser_->cosine_of(similarity);
    EXPECT_GE(recogniser_->similarity(threshold), similarity);
    EXPECT_LT(recogniser_->similarity(threshold - 1e-4F), similarity + 1e-6F) << similarity;
  }
  EXPECT_LE(recogniser_->cosine_of(0), -1);
}

TEST_F(FaceRecogniserTest, AModelOfAnotherKindIsRefused) {
  const auto detector = FaceRecogniser::create(*runtime_, store_, "centerface");
  ASSERT_FALSE(detector);
  EXPECT_EQ(detector.error().kind, ErrorKind::unsupported);
  EXPECT_THAT(detector.error().message, ::testing::HasSubstr("face-recognition"));
}

}  // namespace
}  // namespace sightline::faces
