#include "sight/faces/face_in_box.h"

#include <gtest/gtest.h>

#include "sight/faces/faces_testing.h"

namespace sightline::faces {
namespace {

class FaceInBoxTest : public testing::ModelTest {
 protected:
  void SetUp() override {
    ModelTest::SetUp();
    detector_ = analysis::FaceDetector::create(*runtime_, store_).value();
  }
  std::unique_ptr<analysis::FaceDetector> detector_;
  const media::RgbImage portrait_ = testing::portrait();
};

TEST_F(FaceInBoxTest, FindsThePointsOfACarriedBox) {
  // The portrait's face lies near (176, 52), 97 x 130 pixels; the box is a little off, as carried ones are.
  for (const PartShape shape : {PartShape::like_the_box, PartShape::square}) {
    const auto found = find_in_box(*detector_, portrait_, {185, 60, 90, 120}, shape).value();
    ASSERT_TRUE(found);
    const analysis::Face face = found->in_picture();
    EXPECT_GT(media::iou(face.box, {176, 52, 97, 130}), 0.6F);
    for (std::size_t i = 0; i < testing::kPortraitPoints.size(); ++i) {
      EXPECT_NEAR(face.landmarks[i].x, testing::kPortraitPoints[i].x, 6) << i;
      EXPECT_NEAR(face.landmarks[i].y, testing::kPortraitPoints[i].y, 6) << i;
    }
  }
}

TEST_F(FaceInBoxTest, TheSquareHasOneSize) {
  for (const float side : {40.0F, 150.0F}) {
    const auto found =
        find_in_box(*detector_, portrait_, {225 - side / 2, 117 - side / 2, side, side}, PartShape::square)
            .value();
    if (found) {
      EXPECT_EQ(found->part.size, (media::Size{256, 256}));
    }
  }
}

TEST_F(FaceInBoxTest, WhereNoneIsNoneIsFound) {
  EXPECT_FALSE(find_in_box(*detector_, portrait_, {400, 300, 60, 80}, PartShape::square).value());
  EXPECT_FALSE(find_in_box(*detector_, portrait_, {10, 10, 0, 0}, PartShape::square).value());
}

}  // namespace
}  // namespace sightline::faces
